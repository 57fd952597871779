using System.Diagnostics;

namespace PaaS.Hosting.Tests;

/// <summary>Pushes of which one side goes away.</summary>
public sealed class LostPushTests
{
    [Fact]
    public async Task A_client_that_is_killed_during_the_build_does_not_stop_the_push()
    {
        await using var scene = await GitScene.StartAsync();
        var (building, go, landed) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource<bool>());
        scene.Receiver.OnPush = async (_, source, output, cancellationToken) =>
        {
            building.SetResult();
            await go.Task.WaitAsync(cancellationToken);
            output.Line("a line that nobody reads");
            await source.KeepObjectsAsync(cancellationToken);
            landed.SetResult(!cancellationToken.IsCancellationRequested);
            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        var commit = client.Commit();
        var push = client.Start("-C", client.Tree, "push", "paas", "main");
        await building.Task.WaitAsync(GitScene.Deadline);

        push.Kill(entireProcessTree: true);
        await push.WaitForExitAsync();
        go.SetResult();

        Assert.True(await landed.Task.WaitAsync(GitScene.Deadline));
        await scene.Http.DisposeAsync();
        Assert.Equal(commit, await scene.ReadMainAsync());
        await scene.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task More_output_than_a_lost_client_would_have_read_does_not_hold_the_push()
    {
        await using var scene = await GitScene.StartAsync();
        var (building, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Receiver.OnPush = async (_, _, output, cancellationToken) =>
        {
            building.SetResult();
            await go.Task.WaitAsync(cancellationToken);
            for (var i = 0; i < 50_000; i++)
            {
                output.Line(new string('x', 200));
            }

            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        var commit = client.Commit();
        var push = client.Start("-C", client.Tree, "push", "paas", "main");
        await building.Task.WaitAsync(GitScene.Deadline);
        push.Kill(entireProcessTree: true);
        go.SetResult();

        await UntilAsync(async () => await scene.ReadMainAsync() == commit);
    }

    [Fact]
    public async Task A_git_that_is_killed_before_the_objects_are_kept_ends_the_build()
    {
        await using var scene = await GitScene.StartAsync();
        var (building, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Receiver.OnPush = async (_, _, _, cancellationToken) =>
        {
            await using var registration = cancellationToken.Register(cancelled.SetResult);
            building.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        client.Commit();
        var push = client.PushAsync("paas", "main");
        await building.Task.WaitAsync(GitScene.Deadline);

        KillReceivePack(scene);

        await cancelled.Task.WaitAsync(GitScene.Deadline);
        Assert.NotEqual(0, (await push).Status);
        Assert.Null(await scene.ReadMainAsync());
    }

    [Fact]
    public async Task A_release_that_succeeded_after_its_git_was_killed_still_gets_its_ref()
    {
        await using var scene = await GitScene.StartAsync();
        var (kept, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Receiver.OnPush = async (_, source, _, cancellationToken) =>
        {
            await source.KeepObjectsAsync(cancellationToken);
            kept.SetResult();
            await go.Task.WaitAsync(cancellationToken);
            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        var commit = client.Commit();
        var push = client.PushAsync("paas", "main");
        await kept.Task.WaitAsync(GitScene.Deadline);

        KillReceivePack(scene);
        Assert.NotEqual(0, (await push).Status);
        go.SetResult();

        await UntilAsync(async () => await scene.ReadMainAsync() == commit);
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("fsck", "--strict"));
    }

    [Fact]
    public async Task After_a_crash_between_the_release_and_the_ref_the_next_start_moves_the_ref()
    {
        await using var scene = await GitScene.StartAsync();
        var kept = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        scene.Receiver.OnPush = async (_, source, _, cancellationToken) =>
        {
            await source.KeepObjectsAsync(cancellationToken);
            kept.SetResult();
            await never.Task.WaitAsync(cancellationToken);
            return PushVerdict.Rejected("as if this host had died");
        };
        var client = scene.NewClient();
        var commit = client.Commit();
        var push = client.PushAsync("paas", "main");
        await kept.Task.WaitAsync(GitScene.Deadline);
        KillReceivePack(scene);
        await push;
        File.WriteAllText(Path.Combine(scene.Repository, "refs", "heads", "main.lock"), string.Empty);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(scene.Repository, "objects"), "*incoming-*"));

        var next = await GitRepositories.OpenAsync(Path.Combine(scene.Directory, "repositories"), Path.Combine(scene.Directory, "hooks"), scene.Launcher, 1 << 30, CancellationToken.None);
        Assert.True(await next.MoveRefAsync(scene.App, PushRules.Main, commit, CancellationToken.None));

        Assert.Equal(commit, await next.ReadRefAsync(scene.App, PushRules.Main, CancellationToken.None));
        Assert.Empty(Directory.GetDirectories(Path.Combine(scene.Repository, "objects"), "*incoming-*"));
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("fsck", "--strict"));
        Assert.Equal("web: true", await scene.InRepositoryAsync("show", "main:Procfile"));
        Directory.CreateDirectory(Path.Combine(scene.Directory, "repositories", "pushes"));
        never.SetResult();
    }

    [Fact]
    public async Task A_platform_that_stops_rejects_the_pushes_that_wait()
    {
        await using var scene = await GitScene.StartAsync();
        var building = new TaskCompletionSource();
        scene.Receiver.OnPush = async (_, _, _, cancellationToken) =>
        {
            building.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return PushVerdict.Accepted;
        };
        var client = scene.NewClient();
        client.Commit();
        var push = client.PushAsync("paas", "main");
        await building.Task.WaitAsync(GitScene.Deadline);

        await scene.Http.DisposeAsync();

        var run = await push;
        Assert.NotEqual(0, run.Status);
        Assert.Contains("the platform is stopping", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_platform_that_stops_does_not_wait_for_a_client_that_has_stalled_in_mid_upload()
    {
        await using var scene = await GitScene.StartAsync();
        using var client = new System.Net.Sockets.TcpClient(scene.Address.Host, scene.Address.Port);
        var credential = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"any:{SceneGate.Token}"));
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /{SceneGate.Name}.git/git-receive-pack HTTP/1.1\r\nHost: {scene.Address.Authority}\r\nAuthorization: Basic {credential}\r\n"
            + "Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n00\r\n"));
        using var deadline = new CancellationTokenSource(GitScene.Deadline);
        while (!Directory.Exists(scene.Repositories.PushesDirectory) || Directory.GetDirectories(scene.Repositories.PushesDirectory).Length == 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await scene.Http.DisposeAsync().AsTask().WaitAsync(GitScene.Deadline);

        await scene.AssertNothingLeftAsync();
    }

    private static void KillReceivePack(GitScene scene)
    {
        var id = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)).Single(name =>
        {
            try
            {
                var command = File.ReadAllText($"/proc/{name}/cmdline");
                return command.Contains("receive-pack", StringComparison.Ordinal) && command.Contains(scene.Repository, StringComparison.Ordinal) && !command.StartsWith("/bin/sh", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                return false;
            }
        });
        using var process = Process.GetProcessById(int.Parse(id!, System.Globalization.CultureInfo.InvariantCulture));
        process.Kill();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(GitScene.Deadline);
        while (!await condition())
        {
            await Task.Delay(50, deadline.Token);
        }
    }
}
