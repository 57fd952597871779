using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>Requests that are answered at once, more of them than are looked at in one turn, and the client's end behind them.</summary>
public class SentAheadTests
{
    private const int Many = 500;
    private static readonly RouterOptions Options = new() { AllowsHalfClose = true };

    [Fact]
    public async Task All_are_answered_by_the_fast_listener()
    {
        var routes = new RouteTable();
        using var router = new PaaSRouter(routes, Options);
        await using var listener = await FastRouterListener.StartAsync(router, new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Equal(Many, await AnsweredAsync(listener.EndPoint.Port));
    }

    [Fact]
    public async Task All_are_answered_on_kestrels_connections()
    {
        await using var router = await RouterUnderTest.StartAsync(Front.Connection, Options);

        Assert.Equal(Many, await AnsweredAsync(router.Port));
    }

    private static async Task<int> AnsweredAsync(int port)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, port, Limit.Token);
        var reading = client.ReadToEndAsync();
        await client.SendTextAsync(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: nobody.example.com\r\n\r\n", Many)));
        client.Shutdown(SocketShutdown.Send);
        var (bytes, _) = await reading;
        return HeadText.Text(bytes).Split("HTTP/1.1 404 ").Length - 1;
    }
}
