using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

public sealed class TimeoutTestsOnConnections() : TimeoutTests(Front.Connection);

public sealed class TimeoutTestsOnPipelines() : TimeoutTests(Front.Pipeline);

public abstract class TimeoutTests(Front front) : FrontTests(front)
{
    /// <summary>For what is to happen.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    /// <summary>For what is not to happen on a busy machine either; what goes on for longer than this goes on in pieces an eighth of it.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task No_first_byte_in_time_is_H12_and_the_dyno_notices()
    {
        var noticed = new TaskCompletionSource();
        await using var router = await StartAsync(new RouterOptions { FirstByteTimeout = Short });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.ReadToCloseAsync();
            noticed.SetResult();
        });
        router.Up(dyno.Endpoint);

        Assert.Equal(503, (await router.GetAsync()).Status);

        Assert.Matches("^at=error code=H12 desc=\"Request timeout\" .* dyno=web.1 connect=[0-9]+ms service=(29[0-9]|[3-9][0-9]{2}|[0-9]{4,})ms status=503 ", await router.NextLineAsync());
        await noticed.Task.WaitAsync(Limit.Unexpected);
    }

    [Fact]
    public async Task The_first_byte_is_waited_for_only_once_the_whole_request_was_sent()
    {
        await using var router = await StartAsync(new RouterOptions { FirstByteTimeout = Long });
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 10\r\n\r\n");
        for (var i = 0; i < 10; i++)
        {
            await Task.Delay(Long / 8);
            await client.SendAsync("x");
        }

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_response_that_goes_on_now_and_then_is_not_cut_off()
    {
        await using var router = await StartAsync(new RouterOptions { FirstByteTimeout = Long, IdleTimeout = Long });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            for (var i = 0; i < 10; i++)
            {
                await Task.Delay(Long / 8);
                await connection.SendAsync("x");
            }
        });
        router.Up(dyno.Endpoint);

        Assert.Equal("xxxxxxxxxx", (await router.GetAsync()).Body);
    }

    [Fact]
    public async Task A_dyno_that_falls_silent_in_mid_response_is_H15()
    {
        await using var router = await StartAsync(new RouterOptions { IdleTimeout = Short });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
            await connection.ReadToCloseAsync();
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await client.ReadToCloseAsync();

        Assert.Matches("^at=error code=H15 desc=\"Idle connection\" .* status=200 bytes=5 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task A_client_that_falls_silent_in_mid_upload_is_H28_and_the_dynos_connection_is_cut()
    {
        var received = new TaskCompletionSource<string>();
        await using var router = await StartAsync(new RouterOptions { IdleTimeout = Short });
        await using var dyno = new RawDyno(async connection => received.SetResult(await connection.ReadToCloseAsync()));
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await client.ReadToCloseAsync();

        Assert.Matches("^at=warning code=H28 desc=\"Client Connection Idle\" .* dyno=web.1 .* status=499 bytes=0 ", await router.NextLineAsync());
        var seen = await received.Task.WaitAsync(Limit.Unexpected);
        Assert.Contains("hello", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dyno_that_does_not_answer_the_handshake_is_H19()
    {
        // A full backlog: the kernel drops further handshakes. One slot is two on Linux.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        var fillers = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
        foreach (var filler in fillers)
        {
            _ = filler.ConnectAsync(address).ContinueWith(task => task.Exception, TaskScheduler.Default);
        }

        await using var router = await StartAsync(new RouterOptions { ConnectTimeout = Short, BootWait = TimeSpan.Zero, FirstByteTimeout = TimeSpan.FromMilliseconds(100) });
        router.Up(new DynoEndpoint(DynoName.Parse("web.1"), address));

        Assert.Equal(503, (await router.GetAsync()).Status);

        Assert.Matches("^at=error code=H19 desc=\"Backend connection timeout\" .* dyno=web.1 connect=(29[0-9]|[3-9][0-9]{2}|[0-9]{4,})ms service= status=503 ", await router.NextLineAsync());
        fillers.ForEach(filler => filler.Dispose());
    }

    [Fact]
    public async Task A_silent_tunnel_is_closed()
    {
        await using var router = await StartAsync(new RouterOptions { IdleTimeout = Short });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            await connection.ReadToCloseAsync();
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");
        await client.ReadToCloseAsync();

        Assert.Matches("^at=error code=H15 desc=\"Idle connection\" .* status=101 ", await router.NextLineAsync());
    }
}
