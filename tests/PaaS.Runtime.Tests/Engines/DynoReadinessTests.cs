using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class DynoReadinessTests
{
    private const string Server = "require('http').createServer((q, r) => r.end('from ' + process.env.DYNO)).listen(process.env.WANTED || process.env.PORT, process.env.ADDRESS)";

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public async Task A_dyno_is_ready_when_it_listens_on_its_port(string? address, string expected)
    {
        if (address == "::1" && !HasIPv6())
        {
            return;
        }

        await using var scene = new DynoScene();
        scene.Slug["server.js"] = Server;
        KeyValuePair<string, string?>[] config = address is null ? [] : [new("ADDRESS", address)];
        var dyno = await scene.Start(scene.Spec("node server.js", listens: true, config));
        var port = dyno.Endpoint!.Port;

        Assert.True(await dyno.WaitUntilListeningAsync().AsTask().WaitAsync(RealProcesses.Deadline));

        Assert.Equal(new IPEndPoint(IPAddress.Parse(expected), port), dyno.Endpoint);
        Assert.Equal([port], dyno.ListListening().Select(static endpoint => endpoint.Port));
        using var client = new HttpClient();
        Assert.Equal("from web.1", await client.GetStringAsync(new Uri($"http://{dyno.Endpoint}/")));
    }

    [Fact]
    public async Task Another_programs_socket_on_its_port_does_not_make_it_ready()
    {
        var time = new Testing.ManualTimeProvider();
        var port = 0;
        await using var scene = new DynoScene(time, options => options with { LowestPort = port = DynoScene.FreePort(), HighestPort = port });
        scene.Slug["server.js"] = Server;
        var dyno = await scene.Start(scene.Spec("until [ -e go ]; do sleep 0.05; done; exec node server.js", listens: true));
        Assert.Equal(port, dyno.Endpoint!.Port);
        using var foreign = DynoScene.Listen(IPAddress.Loopback, port);

        // It looks once before it returns, and again only when this clock moves.
        var ready = dyno.WaitUntilListeningAsync().AsTask();
        Assert.False(ready.IsCompleted);
        Assert.Empty(dyno.ListListening());

        foreign.Stop();
        await File.WriteAllTextAsync(Path.Combine(scene.Dynos, dyno.Spec.Id.ToString("N"), "app", "go"), "");
        await RealProcesses.Until(() => dyno.ListListening().Count > 0, "it listens itself");
        await RealProcesses.Until(() => Tick(time, ready), "it is ready");
        Assert.True(await ready);
    }

    [Fact]
    public async Task A_wrong_port_does_not_make_it_ready_and_is_told()
    {
        var time = new Testing.ManualTimeProvider();
        await using var scene = new DynoScene(time);
        scene.Slug["server.js"] = Server;
        var wrong = DynoScene.FreePort();
        var dyno = await scene.Start(scene.Spec("node server.js", listens: true, new KeyValuePair<string, string?>("WANTED", wrong.ToString(CultureInfo.InvariantCulture))));

        await RealProcesses.Until(() => dyno.ListListening().Count > 0, "it listens somewhere");
        using var giveUp = new CancellationTokenSource();
        var ready = dyno.WaitUntilListeningAsync(giveUp.Token).AsTask();

        Assert.Equal([wrong], dyno.ListListening().Select(static endpoint => endpoint.Port));
        Assert.False(ready.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }

    [Fact]
    public async Task A_child_that_listens_makes_the_dyno_ready()
    {
        await using var scene = new DynoScene();
        scene.Slug["server.js"] = Server;
        var dyno = await scene.Start(scene.Spec("setsid node server.js & wait", listens: true));

        Assert.True(await dyno.WaitUntilListeningAsync().AsTask().WaitAsync(RealProcesses.Deadline));
    }

    [Fact]
    public async Task A_dyno_that_ends_first_never_was_ready()
    {
        await using var scene = new DynoScene();
        var dyno = await scene.Start(scene.Spec("exit 1", listens: true));

        Assert.False(await dyno.WaitUntilListeningAsync().AsTask().WaitAsync(RealProcesses.Deadline));
    }

    [Fact]
    public async Task A_worker_has_no_endpoint()
    {
        await using var scene = new DynoScene();
        var dyno = await scene.Start(scene.Spec("exec sleep 300"));

        Assert.Null(dyno.Endpoint);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await dyno.WaitUntilListeningAsync());
    }

    [Theory]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0", "127.0.0.1", 8080, 12345, "127.0.0.1")]
    [InlineData("   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5 1", "0.0.0.0", 80, 5, "127.0.0.1")]
    [InlineData("   1: 0500000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5 1", "10.0.0.5", 80, 5, null)]
    [InlineData("   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 6 1", "::", 80, 6, "127.0.0.1")]
    [InlineData("   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 6 1", "::1", 80, 6, "::1")]
    [InlineData("   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 6 1", "::ffff:127.0.0.1", 80, 6, "127.0.0.1")]
    public void A_listening_socket_is_read(string line, string address, int port, long inode, string? reached)
    {
        var socket = ListeningSocket.Parse(line);

        Assert.Equal(new ListeningSocket(IPAddress.Parse(address), port, inode), socket);
        Assert.Equal(reached, socket?.Loopback()?.ToString());
    }

    [Theory]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")]
    [InlineData("   0: 0100007F:1F90 0100007F:9000 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1")]
    [InlineData("")]
    public void What_does_not_listen_is_none(string line) => Assert.Null(ListeningSocket.Parse(line));

    private static bool Tick(Testing.ManualTimeProvider time, Task ready)
    {
        time.Advance(TimeSpan.FromMilliseconds(25));
        return ready.IsCompleted;
    }

    private static bool HasIPv6()
    {
        try
        {
            using var listener = DynoScene.Listen(IPAddress.IPv6Loopback, 0);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
