namespace PaaS.Hosting.Tests;

public sealed class PushRulesTests
{
    [Fact]
    public async Task Another_branch_is_refused_with_the_way_to_deploy_it()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();

        var run = await client.PushAsync("paas", "main:feature/login");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("only main and master deploy, and this is refs/heads/feature/login", run.Error, StringComparison.Ordinal);
        Assert.Contains("git push <remote> feature/login:main", run.Error, StringComparison.Ordinal);
        Assert.Empty(scene.Receiver.Pushes);
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("for-each-ref"));
    }

    [Fact]
    public async Task A_tag_alone_is_refused_with_the_way_to_deploy_its_commit()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        client.In("tag", "-a", "v1", "-m", "one");

        var run = await client.PushAsync("paas", "v1");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("git push <remote> v1^{commit}:main", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_that_comes_along_refuses_the_whole_push()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        client.In("tag", "v1");

        var run = await client.PushAsync("paas", "main", "v1");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("refs/tags/v1", run.Error, StringComparison.Ordinal);
        Assert.Empty(scene.Receiver.Pushes);
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("for-each-ref"));
    }

    [Fact]
    public async Task The_branch_that_deploys_cannot_be_deleted()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var commit = client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);

        var run = await client.PushAsync("paas", "--delete", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("main cannot be deleted by a push", run.Error, StringComparison.Ordinal);
        Assert.Equal(commit, await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_branch_that_is_no_commit_is_refused()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        client.In("tag", "-a", "v1", "-m", "one");

        // git's own client hinders it, so the ref is made by hand.
        File.WriteAllText(Path.Combine(client.Tree, ".git", "refs", "tags", "raw"), client.In("rev-parse", "HEAD^{tree}") + "\n");
        var run = await client.PushAsync("paas", "refs/tags/raw:refs/heads/main");

        Assert.NotEqual(0, run.Status);
        Assert.Null(await scene.ReadMainAsync());
        Assert.Empty(scene.Receiver.Pushes);
    }

    [Fact]
    public async Task Submodules_are_named_and_never_fetched()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var commit = client.Commit();
        client.In("update-index", "--add", "--cacheinfo", $"160000,{commit},vendor/lib");
        File.WriteAllText(Path.Combine(client.Tree, ".gitmodules"), "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://example.com/lib.git\n");
        client.In("add", ".gitmodules");
        client.In("commit", "--quiet", "-m", "submodule");

        var run = await client.PushAsync("paas", "main");

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains("Submodules are not fetched: vendor/lib", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("url = -u./payload")]
    [InlineData("url = ../../../etc\n\tupdate = !touch pwned")]
    public async Task Submodules_with_hostile_addresses_are_refused_by_git(string line)
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit(".gitmodules", $"[submodule \"evil\"]\n\tpath = evil\n\t{line}\n");

        var run = await client.PushAsync("paas", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Empty(scene.Receiver.Pushes);
        Assert.Null(await scene.ReadMainAsync());
    }

    [Fact]
    public void A_name_from_outside_is_shown_without_its_control_characters() =>
        Assert.Equal("a?b?[31mé", PushRules.Shown("a\nb\u001b[31mé"));
}
