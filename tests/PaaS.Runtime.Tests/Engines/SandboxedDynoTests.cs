using System.Net;

namespace PaaS.Runtime.Tests;

/// <summary>Dynos in the sandbox: what the engine and the launcher make of a slug together.</summary>
[Collection(RealProcesses.Name)]
public sealed class SandboxedDynoTests
{
    private const string Server = "require('http').createServer((q, r) => r.end('from ' + process.env.DYNO)).listen(process.env.PORT, process.env.ADDRESS)";

    [Fact]
    public async Task Dynos_share_a_slug_that_none_of_them_can_change()
    {
        await using var sandbox = await SandboxScene.Open();
        await using var scene = new DynoScene(launcher: sandbox.Launcher);
        scene.Slug["file"] = "slug\n";
        var first = await scene.Start(scene.Spec("echo changed > file; rm -f .profile; touch new; echo ready; exec sleep 300"));
        await scene.HasWritten("ready");

        var (status, lines) = await scene.Run(scene.Spec("cat file; ls -A; pwd; hostname; echo $HOME $TMPDIR; touch $TMPDIR/x && echo wrote; id -u"));

        Assert.Equal(0, status);
        Assert.Equal(["ready", "slug", "file", "/app", "worker-1", "/app /tmp", "wrote"], lines[..7]);
        Assert.Equal(1, scene.Unpackings);
        Assert.Equal("slug\n", await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(scene.Dynos, "slugs"))), "file")));
        Assert.False(first.Exited.IsCompleted);
        Assert.Equal(["slugs"], Directory.GetDirectories(scene.Dynos).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_app_in_a_directory_of_its_slug_is_at_home_there()
    {
        await using var sandbox = await SandboxScene.Open();
        await using var scene = new DynoScene(launcher: sandbox.Launcher);
        scene.Slug["apps/web/file"] = "own\n";
        scene.Slug["lib/file"] = "beside\n";

        var (_, lines) = await scene.Run(scene.Spec("cat file /app/lib/file; pwd; echo $HOME; touch new && echo wrote") with { AppDirectory = SourcePath.Parse("apps/web") });

        Assert.Equal(["own", "beside", "/app/apps/web", "/app/apps/web", "wrote"], lines);
    }

    [Fact]
    public async Task One_that_fills_its_disk_is_ended_and_the_reason_told()
    {
        await using var sandbox = await SandboxScene.Open();
        await using var scene = new DynoScene(configure: static options => options with { DiskBytes = 4 << 20 }, launcher: sandbox.Launcher);
        var dyno = await scene.Start(scene.Spec("while :; do head -c 1000000 /dev/zero >> big; sleep 0.05; done"));

        var exit = await dyno.Exited.WaitAsync(RealProcesses.Deadline);

        Assert.Equal(new ProcessExit(137, ProcessExitReason.OutOfDisk), exit);
    }

    [Fact]
    public async Task A_dyno_in_a_network_of_its_own_is_ready_when_it_listens_on_every_address()
    {
        Assert.True(RealProcesses.IsRoot, "A network of its own needs a host that is root: run the tests as root.");
        await using var sandbox = await SandboxScene.Open(networks: true);
        await using var scene = new DynoScene(launcher: sandbox.Launcher);
        scene.Slug["server.js"] = Server;

        var one = await scene.Start(scene.Spec("node server.js", listens: true));
        Assert.True(await one.WaitUntilListeningAsync().AsTask().WaitAsync(RealProcesses.Deadline));

        Assert.False(IPAddress.IsLoopback(one.Endpoint!.Address));
        Assert.Equal(one.Endpoint.Port, Assert.Single(one.ListListening()).Port);
        using var client = new HttpClient();
        Assert.Equal("from web.1", await client.GetStringAsync(new Uri($"http://{one.Endpoint}/")));
    }

    [Fact]
    public async Task One_that_listens_on_its_loopback_address_only_is_not_ready_and_is_seen_to()
    {
        Assert.True(RealProcesses.IsRoot, "A network of its own needs a host that is root: run the tests as root.");
        await using var sandbox = await SandboxScene.Open(networks: true);
        await using var scene = new DynoScene(launcher: sandbox.Launcher);
        scene.Slug["server.js"] = Server;

        var dyno = await scene.Start(scene.Spec("node server.js", listens: true, new KeyValuePair<string, string?>("ADDRESS", "127.0.0.1")));
        await RealProcesses.Until(() => dyno.ListListening().Count > 0, "it listens");
        using var giveUp = new CancellationTokenSource();
        var ready = dyno.WaitUntilListeningAsync(giveUp.Token).AsTask();

        Assert.Equal([new IPEndPoint(IPAddress.Loopback, dyno.Endpoint!.Port)], dyno.ListListening());
        Assert.False(ready.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }
}
