using System.Net;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Requests through the fast listener.</summary>
public class FastRouterTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n";

    [Fact]
    public async Task Requests_on_one_connection_use_one_connection_to_the_dyno()
    {
        await using var router = await Router.StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        }

        Assert.Equal(1, dyno.Connections);
    }

    [Fact]
    public async Task Requests_that_are_sent_ahead_are_answered_in_order()
    {
        await using var router = await Router.StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            while (true)
            {
                var path = (await connection.ReadResponseAsync()).Line.Split(' ')[1];
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}");
            }
        });
        router.Up(dyno.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);

        await client.SendAsync(string.Concat(Enumerable.Range(0, 500).Select(i => Get.Replace("/ ", $"/{i} ", StringComparison.Ordinal))));

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"/{i}", (await client.ReadResponseAsync()).Body);
        }

        Assert.Equal(1, dyno.Connections);
    }

    [Fact]
    public async Task Stopping_lets_a_request_have_its_response_and_cuts_off_one_that_never_gets_it()
    {
        // One loop: that the idle connection has ended says that the other has been told, too.
        await using var router = await Router.StartAsync(loops: 1);
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var slow = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            arrived.SetResult();
            await answer.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        router.Up(slow.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);
        await using var idle = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync(Get);
        await arrived.Task.WaitAsync(Limit.Unexpected);
        await LoopUnderTest.UntilAsync(() => router.Listener.Clients == 2);

        var stopping = router.Listener.StopAsync(Limit.Unexpected);
        Assert.Empty(await idle.ReadToCloseAsync());
        answer.SetResult();
        var response = await client.ReadResponseAsync();

        Assert.Equal("ok", response.Body);
        Assert.Equal("close", response.Header("Connection"));
        await client.DisposeAsync();
        await idle.DisposeAsync();
        await stopping.WaitAsync(Limit.Unexpected);
    }

    [Fact]
    public async Task What_is_still_going_on_when_the_grace_is_over_is_H24()
    {
        await using var router = await Router.StartAsync();
        var arrived = new TaskCompletionSource();
        await using var silent = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            arrived.SetResult();
            await connection.ReadToCloseAsync();
        });
        router.Up(silent.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync(Get);
        await arrived.Task.WaitAsync(Limit.Unexpected);

        var stopping = router.Listener.StopAsync(TimeSpan.Zero);

        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
        await client.DisposeAsync();
        await stopping.WaitAsync(Limit.Unexpected);
        Assert.Contains("code=H24", await router.LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_at_a_dyno_whose_time_to_drain_is_over_are_H24()
    {
        await using var router = await Router.StartAsync();
        var arrived = new TaskCompletionSource();
        await using var silent = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            arrived.SetResult();
            await connection.ReadToCloseAsync();
        });
        router.Up(silent.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync(Get);
        await arrived.Task.WaitAsync(Limit.Unexpected);

        silent.Endpoint.Expire();

        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
        Assert.Contains("code=H24", await router.LineAsync(), StringComparison.Ordinal);
        await silent.Endpoint.Drained.WaitAsync(Limit.Unexpected);
    }

    [Fact]
    public async Task A_loop_that_ends_gives_back_the_dynos_of_its_requests()
    {
        await using var router = await Router.StartAsync(loops: 1);
        await using var silent = new RawDyno(async connection => await connection.ReadToCloseAsync());
        router.Up(silent.Endpoint);
        await using var client = await RawClient.ConnectAsync(router.Port);
        await client.SendAsync(Get);
        await LoopUnderTest.UntilAsync(() => silent.Endpoint.InFlight == 1);

        await router.Listener.Loops[0].EndAsync();

        Assert.Equal(0, silent.Endpoint.InFlight);
        Assert.Contains(" code=H24 ", await router.LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_response_reaches_a_slow_client_whole()
    {
        const int size = 20_000_000;
        await using var router = await Router.StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n");
            await connection.SendAsync(SocketWords.Pattern(size));
        });
        router.Up(dyno.Endpoint);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, router.Port, Limit.Token);
        await socket.SendTextAsync(Get.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));

        var (bytes, wasReset) = await socket.ReadToEndAsync();

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(size), bytes[^size..]);
        Assert.Contains(" status=200 bytes=20000000 ", await router.LineAsync(), StringComparison.Ordinal);
    }

    private sealed class Router(FastRouterListener listener, RouteTable routes) : IAsyncDisposable
    {
        private readonly LogStream _logs = new();

        public FastRouterListener Listener { get; } = listener;

        public int Port => Listener.EndPoint.Port;

        public static async Task<Router> StartAsync(int loops = 2)
        {
            var routes = new RouteTable();
            var options = new FastRouterListenerOptions { Loops = loops };
            return new Router(await FastRouterListener.StartAsync(new PaaSRouter(routes), new IPEndPoint(IPAddress.Loopback, 0), options), routes);
        }

        public void Up(params DynoEndpoint[] dynos) => routes.Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [.. dynos], _logs));

        public async Task<string> LineAsync()
        {
            await foreach (var line in _logs.TailAsync(new LogTail { Follow = true }, Limit.Token))
            {
                return Encoding.Latin1.GetString(line.Text.Span);
            }

            throw new InvalidOperationException("The log has ended.");
        }

        public ValueTask DisposeAsync() => Listener.DisposeAsync();
    }
}
