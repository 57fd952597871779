using System.Formats.Tar;

namespace PaaS.Hosting.Tests;

public sealed class PushTests
{
    [Fact]
    public async Task An_accepted_push_moves_the_ref_and_names_who_pushed_what()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var commit = client.Commit();

        var run = await client.PushAsync("paas", "main");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(commit, await scene.ReadMainAsync());
        Assert.Equal(new Push(scene.App, SceneGate.Name, SceneGate.Pusher, PushRules.Main, null, commit), Assert.Single(scene.Receiver.Pushes));
        await scene.AssertNothingLeftAsync();
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("fsck", "--strict"));
    }

    [Fact]
    public async Task A_second_push_tells_where_the_branch_was()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var first = client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        var second = client.Commit(content: "web: false\n");

        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);

        Assert.Equal((first, second), (scene.Receiver.Pushes.Last().OldCommit, scene.Receiver.Pushes.Last().NewCommit));
        Assert.Equal(second, await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_rejected_push_fails_with_its_reason_and_leaves_the_ref_and_nothing_else()
    {
        await using var scene = await GitScene.StartAsync();
        scene.Receiver.OnPush = (_, _, _, _) => Task.FromResult(PushVerdict.Rejected("failed to compile Node.js app."));
        var client = scene.NewClient();
        client.Commit();

        var run = await client.PushAsync("paas", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("Push rejected: failed to compile Node.js app.", run.Error, StringComparison.Ordinal);
        Assert.Contains("! [remote rejected] main -> main (pre-receive hook declined)", run.Error, StringComparison.Ordinal);
        Assert.Null(await scene.ReadMainAsync());
        await scene.AssertNothingLeftAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(scene.Repository, "objects"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_reason_that_was_said_is_not_said_again()
    {
        await using var scene = await GitScene.StartAsync();
        scene.Receiver.OnPush = (_, _, output, _) =>
        {
            output.Line(" !     There is no Gemfile.");
            return Task.FromResult(PushVerdict.Rejected("There is no Gemfile.", isSaid: true));
        };
        var client = scene.NewClient();
        client.Commit();

        var run = await client.PushAsync("paas", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Equal(2, run.Error.Split("There is no Gemfile.").Length);
        Assert.Contains(" !     Push failed", run.Error, StringComparison.Ordinal);
        Assert.Contains("!\tPush rejected to ", run.Error, StringComparison.Ordinal);
        Assert.Null(await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_receiver_that_fails_rejects_the_push_without_its_inner_words()
    {
        await using var scene = await GitScene.StartAsync();
        scene.Receiver.OnPush = (_, _, _, _) => throw new InvalidOperationException("inner words");
        var client = scene.NewClient();
        client.Commit();

        var run = await client.PushAsync("paas", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("the platform failed on this push", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("inner words", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_seen_by_the_client_before_the_verdict()
    {
        await using var scene = await GitScene.StartAsync();
        var verdict = new TaskCompletionSource<PushVerdict>();
        scene.Receiver.OnPush = async (_, _, output, _) =>
        {
            output.Line("-----> Building");
            output.Line(string.Empty);
            return await verdict.Task;
        };
        var client = scene.NewClient();
        client.Commit();
        var push = client.Start("-C", client.Tree, "push", "paas", "main");
        string? line;
        do
        {
            line = await push.StandardError.ReadLineAsync().WaitAsync(GitScene.Deadline);
        }
        while (line is not null && !line.Contains("-----> Building", StringComparison.Ordinal));

        Assert.StartsWith("remote: -----> Building", line, StringComparison.Ordinal);
        Assert.False(push.HasExited);
        verdict.SetResult(PushVerdict.Accepted);
        await push.WaitForExitAsync().WaitAsync(GitScene.Deadline);
        Assert.Equal(0, push.ExitCode);
    }

    [Fact]
    public async Task All_lines_of_a_talkative_build_arrive_in_order()
    {
        await using var scene = await GitScene.StartAsync();
        scene.Receiver.OnPush = (_, _, output, _) =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                output.Line($"line {i} of a build that says a lot");
            }

            return Task.FromResult(PushVerdict.Accepted);
        };
        var client = scene.NewClient();
        client.Commit();

        var run = await client.PushAsync("paas", "main");

        var lines = run.Error.Split('\n').Where(line => line.StartsWith("remote: line ", StringComparison.Ordinal)).Select(line => line.TrimEnd());
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"remote: line {i} of a build that says a lot"), lines);
    }

    [Fact]
    public async Task Master_deploys_too_and_a_clone_then_has_it()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var commit = client.Commit();

        var run = await client.PushAsync("paas", "main:master");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(commit, await scene.Repositories.ReadRefAsync(scene.App, PushRules.Master, CancellationToken.None));
        Assert.Equal("refs/heads/master", await scene.InRepositoryAsync("symbolic-ref", "HEAD"));
    }

    [Fact]
    public async Task The_receiver_gets_the_tree_as_it_was_committed()
    {
        await using var scene = await GitScene.StartAsync();
        var entries = new Dictionary<string, string>();
        scene.Receiver.OnPush = async (_, source, _, cancellationToken) =>
        {
            await using var tree = await source.OpenTreeAsync(cancellationToken);
            await using var tar = new TarReader(tree);
            while (await tar.GetNextEntryAsync(copyData: true, cancellationToken) is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.SymbolicLink)
                {
                    entries[entry.Name] = entry.LinkName is { Length: > 0 } link ? "-> " + link : await new StreamReader(entry.DataStream ?? Stream.Null).ReadToEndAsync(cancellationToken);
                }
            }

            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        File.WriteAllText(Path.Combine(client.Tree, ".gitattributes"), "secret.txt export-ignore\n*.txt export-subst filter=evil\nlib export-ignore\n[attr]mine export-ignore\nother.txt mine\n");
        File.WriteAllText(Path.Combine(client.Tree, "secret.txt"), "$Format:%H$");
        File.WriteAllText(Path.Combine(client.Tree, "other.txt"), "other");
        Directory.CreateDirectory(Path.Combine(client.Tree, "lib"));
        File.WriteAllText(Path.Combine(client.Tree, "lib", "a.js"), "a");
        File.WriteAllText(Path.Combine(client.Tree, "--upload-pack=x"), "option");
        File.CreateSymbolicLink(Path.Combine(client.Tree, "out"), "/etc/passwd");
        client.CommitAll();

        var run = await client.PushAsync("paas", "main");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal("$Format:%H$", entries["secret.txt"]);
        Assert.Equal("other", entries["other.txt"]);
        Assert.Equal("a", entries["lib/a.js"]);
        Assert.Equal("option", entries["--upload-pack=x"]);
        Assert.Equal("-> /etc/passwd", entries["out"]);
    }

    [Fact]
    public async Task A_force_push_of_another_history_is_accepted()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        client.In("checkout", "--quiet", "--orphan", "fresh");
        var other = client.Commit(content: "web: other\n");

        var run = await client.PushAsync("--force", "paas", "fresh:main");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(other, await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_push_of_many_megabytes_comes_in_chunks_and_is_accepted()
    {
        await using var scene = await GitScene.StartAsync();
        var client = scene.NewClient();
        var content = new byte[5 << 20];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(Path.Combine(client.Tree, "big"), content);
        var commit = client.CommitAll();

        var run = await client.PushAsync("paas", "main");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(commit, await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_push_over_the_limit_is_told_so_and_leaves_nothing()
    {
        await using var scene = await GitScene.StartAsync(maxPushBytes: 1 << 20);
        var client = scene.NewClient();
        var content = new byte[5 << 20];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(Path.Combine(client.Tree, "big"), content);
        client.CommitAll();

        var run = await client.PushAsync("paas", "main");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("pack exceeds maximum allowed size", run.Error, StringComparison.Ordinal);
        Assert.Null(await scene.ReadMainAsync());
        Assert.Empty(scene.Receiver.Pushes);
        await scene.AssertNothingLeftAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(scene.Repository, "objects"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_tree_of_billions_of_paths_in_few_bytes_reaches_the_receiver_in_bounded_time()
    {
        await using var scene = await GitScene.StartAsync();
        scene.Receiver.OnPush = (_, _, _, _) => Task.FromResult(PushVerdict.Rejected("too many files"));
        var client = scene.NewClient();
        client.Commit();
        var entry = $"100644 blob {client.In("hash-object", "-w", "Procfile")}";
        for (var level = 0; level < 10; level++)
        {
            var tree = await client.MakeTreeAsync(Enumerable.Range(0, 10).Select(i => $"{entry}\tf{i}"));
            entry = $"040000 tree {tree}";
        }

        var commit = client.In("commit-tree", entry["040000 tree ".Length..], "-m", "bomb");

        var run = await client.PushAsync("paas", commit + ":refs/heads/main");

        Assert.NotEqual(0, run.Status);
        Assert.Contains("too many files", run.Error, StringComparison.Ordinal);
    }
}
