namespace PaaS.Hosting.Tests;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GitRepositoriesTests
{
    [Fact]
    public async Task Nothing_that_a_tenant_pushed_becomes_a_hook_or_configuration()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var marker = Path.Combine(scene.Directory, "pwned");
        foreach (var folder in (string[])["hooks", "git-look-alike/hooks", "GIT~1x/hooks", "deep/.githooks"])
        {
            foreach (var name in (string[])["pre-receive", "post-receive", "update", "post-update", "reference-transaction", "post-checkout"])
            {
                var file = Path.Combine(client.Tree, folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, $"#!/bin/sh\ntouch '{marker}'\n");
                File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
            }
        }

        File.WriteAllText(Path.Combine(client.Tree, "config"), $"[core]\n\tfsmonitor = touch '{marker}'\n\thooksPath = hooks\n");
        File.WriteAllText(Path.Combine(client.Tree, ".gitattributes"), "* filter=evil diff=evil merge=evil\n");
        File.WriteAllText(Path.Combine(client.Tree, ".gitconfig"), $"[filter \"evil\"]\n\tsmudge = touch '{marker}'\n");
        client.CommitAll();
        scene.Receiver.OnPush = async (_, source, _, cancellationToken) =>
        {
            await using var tree = await source.OpenTreeAsync(cancellationToken);
            await tree.CopyToAsync(Stream.Null, cancellationToken);
            return PushVerdict.Accepted;
        };

        var run = await client.PushAsync("paas", "main");

        Assert.True(run.Status == 0, run.Error);
        Assert.False(File.Exists(marker));
        Assert.False(Directory.Exists(Path.Combine(scene.Repository, "hooks")));
        Assert.DoesNotContain(
            Directory.GetFiles(scene.Repository, "*", SearchOption.AllDirectories),
            file => (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
        Assert.Equal([GitHook.Name], Directory.GetFiles(Path.Combine(scene.Directory, "hooks")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData("git~1")]
    [InlineData(".g\u200cit")]
    [InlineData("..")]
    public async Task A_tree_with_a_look_alike_of_git_inside_is_refused(string name)
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        var blob = client.In("hash-object", "-w", "Procfile");
        var inner = await client.MakeTreeAsync([$"100644 blob {blob}\tconfig"]);
        var outer = await client.MakeTreeAsync([$"040000 tree {inner}\t{name}"]);
        var commit = client.In("commit-tree", outer, "-m", "hostile");

        var run = await client.PushAsync("paas", commit + ":refs/heads/main");

        Assert.NotEqual(0, run.Status);
        Assert.Empty(scene.Receiver.Pushes);
        Assert.Null(await scene.ReadMainAsync());
        await scene.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task The_host_writes_its_hook_anew_and_removes_any_other()
    {
        await using var scene = await GitScene.StartAsync();
        var hooks = Path.Combine(scene.Directory, "hooks");
        var hook = Path.Combine(hooks, GitHook.Name);
        File.WriteAllText(hook, "#!/bin/sh\nexit 0\n");
        File.WriteAllText(Path.Combine(hooks, "post-receive"), "#!/bin/sh\n");

        GitHook.Write(hooks);

        Assert.Equal([hook], Directory.GetFiles(hooks));
        Assert.Contains("PAAS_PUSH_DIRECTORY", await File.ReadAllTextAsync(hook), StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(hook));
    }

    [Fact]
    public async Task A_changed_configuration_is_the_hosts_again_at_the_next_start()
    {
        await using var scene = await GitScene.StartAsync();
        var repository = await scene.Repositories.EnsureAsync(scene.App, CancellationToken.None);
        var config = Path.Combine(repository, "config");
        var right = await File.ReadAllTextAsync(config);
        await File.WriteAllTextAsync(config, right + "[core]\n\thooksPath = /tmp\n");

        var next = await GitRepositories.OpenAsync(Path.Combine(scene.Directory, "repositories"), Path.Combine(scene.Directory, "hooks"), scene.Launcher, 1 << 30, CancellationToken.None);
        await next.EnsureAsync(scene.App, CancellationToken.None);

        Assert.Equal(right, await File.ReadAllTextAsync(config));
        Assert.Equal("true", await scene.InRepositoryAsync("config", "receive.fsckObjects"));
        Assert.Equal(Path.Combine(scene.Directory, "hooks"), await scene.InRepositoryAsync("config", "core.hooksPath"));
    }

    [Fact]
    public async Task A_deleted_apps_repository_is_gone_and_others_stay()
    {
        await using var scene = await GitScene.StartAsync();
        var other = AppId.New();
        await scene.Repositories.EnsureAsync(scene.App, CancellationToken.None);
        await scene.Repositories.EnsureAsync(other, CancellationToken.None);

        scene.Repositories.Delete(scene.App);
        scene.Repositories.Delete(scene.App);

        Assert.False(Directory.Exists(scene.Repository));
        Assert.True(Directory.Exists(scene.Repositories.PathOf(other)));
        Assert.Null(await scene.ReadMainAsync());
        Assert.False(Directory.Exists(scene.Repository));
    }

    [Fact]
    public async Task A_ref_moves_only_to_a_commit_that_is_there()
    {
        await using var scene = await GitScene.StartAsync();

        Assert.False(await scene.Repositories.MoveRefAsync(scene.App, PushRules.Main, new string('a', 40), CancellationToken.None));
        Assert.False(await scene.Repositories.MoveRefAsync(scene.App, PushRules.Main, "--help", CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Repositories.MoveRefAsync(scene.App, "HEAD", new string('a', 40), CancellationToken.None));
        Assert.Null(await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_missing_git_is_told_with_the_way_to_mend_it()
    {
        await using var scene = await GitScene.StartAsync();

        var failure = await Assert.ThrowsAsync<GitException>(async () => await GitProgram.FindAsync(scene.Launcher, scene.Directory, CancellationToken.None, "/nowhere"));

        Assert.Contains("Install the package git", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("git version 2.29.9")]
    [InlineData("git version banana")]
    public async Task A_git_that_is_too_old_is_told_with_the_way_to_mend_it(string says)
    {
        await using var scene = await GitScene.StartAsync();
        var old = Path.Combine(scene.Directory, "old");
        Directory.CreateDirectory(old);
        await File.WriteAllTextAsync(Path.Combine(old, "git"), $"#!/bin/sh\necho '{says}'\n");
        File.SetUnixFileMode(Path.Combine(old, "git"), (UnixFileMode)0b111_101_101);

        var failure = await Assert.ThrowsAsync<GitException>(async () => await GitProgram.FindAsync(scene.Launcher, scene.Directory, CancellationToken.None, old));

        Assert.Contains("2.30 or newer", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("git version 2.39.5", 2, 39)]
    [InlineData("git version 2.50.1 (Apple Git-155)", 2, 50)]
    [InlineData("git version 3.0.0-rc1", 3, 0)]
    public void Versions_are_read_as_vendors_write_them(string text, int major, int minor) =>
        Assert.Equal(new Version(major, minor), GitProgram.ReadVersion(text));
}
