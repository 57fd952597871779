using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A request behind <c>MapPaaSRouter</c> ends for its server, too, however it ends.</summary>
public class EndpointEndTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

    [Fact]
    public async Task A_client_that_does_not_read_is_given_up()
    {
        var over = new TaskCompletionSource();
        var routes = new RouteTable();
        var logs = new LogStream();
        using var router = new PaaSRouter(routes, new RouterOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        var route = router.ToRequestDelegate();
        await using var server = RouterUnderTest.Listen(
            async context =>
            {
                await route(context);
                over.SetResult();
            },
            RouterListener.Configure);
        await server.StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            await connection.SendAsync(new byte[100_000_000]);
        });
        routes.Set(new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com"], WebState.Up, [dyno.Endpoint], logs));
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, RouterUnderTest.PortOf(server), Limit.Token);

        await client.SendAsync(Encoding.ASCII.GetBytes(Get), Limit.Token);

        await over.Task.WaitAsync(Limit.Unexpected);
        await foreach (var line in logs.TailAsync(new LogTail { Lines = 1 }, Limit.Token))
        {
            Assert.StartsWith("at=warning code=H28 ", line.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_switch_of_protocols_that_the_server_does_not_send_is_H17()
    {
        await using var dyno = RawDyno.Answering("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\nX-Odd: a\u0001b\r\n\r\n");
        await using var router = await RouterUnderTest.StartAsync(Front.Pipeline);
        router.Up(dyno.Endpoint);

        var response = await router.SendAsync(Get);

        Assert.Equal(503, response.Status);
        Assert.StartsWith("at=error code=H17 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }
}
