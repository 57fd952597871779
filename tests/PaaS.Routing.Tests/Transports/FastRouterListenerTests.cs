using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing.Tests;

/// <summary>The fast listener itself: where it listens, who gets which loop, how it stops.</summary>
public class FastRouterListenerTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1", "::1")]
    [InlineData("::", "::1", "::1")]
    [InlineData("::", "127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1", "127.0.0.1")]
    public async Task It_listens_to_both_kinds_of_addresses_and_knows_its_clients(string address, string target, string peer)
    {
        var handlers = new TaskCompletionSource<ScriptedHandler>();
        await using var loop = LoopUnderTest.Start(handlers.SetResult, endpoint: new IPEndPoint(IPAddress.Parse(address), 0));
        Assert.Equal(IPAddress.Parse(address), loop.Listener.EndPoint.Address);
        var to = IPAddress.Parse(target);
        using var client = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

        await client.ConnectAsync(new IPEndPoint(to, loop.Listener.EndPoint.Port), Limit.Token);

        var handler = await handlers.Task.WaitAsync(Limit.Unexpected);
        Assert.Equal(peer, Encoding.ASCII.GetString(handler.Client!.Peer.Span));
        Assert.Equal(loop.Listener.EndPoint.Port, handler.Client.Port);
    }

    [Fact]
    public async Task Apps_are_told_the_public_port_if_there_is_one()
    {
        await using var loop = LoopUnderTest.Start(options: new RouterOptions { PublicPort = 80 });
        var (client, handler) = await loop.ConnectAsync();

        Assert.Equal(80, handler.Client!.Port);
        client.Dispose();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_and_not_shared()
    {
        await using var loop = LoopUnderTest.Start();

        var error = Assert.Throws<SocketException>(() => LoopUnderTest.Start(endpoint: loop.Listener.EndPoint));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
        Assert.Contains(loop.Listener.EndPoint.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_out_of_range_are_refused()
    {
        var router = new PaaSRouter(new RouteTable());
        var endpoint = new IPEndPoint(IPAddress.Loopback, 0);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => FastRouterListener.StartAsync(router, endpoint, new FastRouterListenerOptions { Loops = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => FastRouterListener.StartAsync(router, endpoint, new FastRouterListenerOptions { Backlog = 0 }));
        await Assert.ThrowsAsync<OperationCanceledException>(() => FastRouterListener.StartAsync(router, endpoint, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Each_loop_has_as_many_clients_as_the_others()
    {
        await using var loop = LoopUnderTest.Start(loops: 4);
        var clients = new List<Socket>();
        for (var i = 0; i < 40; i++)
        {
            clients.Add((await loop.ConnectAsync()).Client);
        }

        Assert.All(loop.Listener.Loops, one => Assert.Equal(10, one.Clients));
        clients.ForEach(client => client.Reset());
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 0);
        Assert.All(loop.Listener.Loops, one => Assert.Equal(0, one.Clients));
    }

    [Fact]
    public async Task One_client_too_many_is_answered_with_H22_and_told_to_the_operator()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Ended = h => h.Link.Close(), options: new RouterOptions { MaxClientConnections = 2 });
        var (first, _) = await loop.ConnectAsync();
        var (second, _) = await loop.ConnectAsync();
        using var third = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await third.ConnectAsync(loop.Listener.EndPoint, Limit.Token);
        await third.SendTextAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        var (bytes, wasReset) = await third.ReadToEndAsync();

        // It counts no more, though it has not closed for its part yet.
        first.Dispose();
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 2);
        var (fourth, _) = await loop.ConnectAsync();
        third.Shutdown(SocketShutdown.Both);

        var answer = Encoding.UTF8.GetString(bytes);
        Assert.False(wasReset);
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("H22", answer, StringComparison.Ordinal);
        Assert.Contains(loop.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("H22", StringComparison.Ordinal));
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 2 && loop.Listener.TurnedAway == 0);
        second.Dispose();
        fourth.Dispose();
    }

    [Fact]
    public async Task A_client_too_many_costs_no_other_its_connection_when_the_operators_log_fails()
    {
        await using var loop = LoopUnderTest.Start(ClientLinkTests.Echo, options: new RouterOptions { MaxClientConnections = 1 });
        loop.Log.FailsAt = LogLevel.Warning;
        var mayGoOn = new ManualResetEventSlim();
        loop.Loop.Post(_ => mayGoOn.Wait(Limit.Unexpected), null);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var second = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        // Both are there before the loop looks, so it accepts them in one go.
        await first.ConnectAsync(loop.Listener.EndPoint, Limit.Token);
        await second.ConnectAsync(loop.Listener.EndPoint, Limit.Token);
        mayGoOn.Set();

        Assert.True((await second.ReadToEndAsync()).WasReset);
        await first.SendTextAsync("still here");
        Assert.Equal("still here", await first.ReadTextAsync(10));
        await loop.OnLoopAsync(() => Assert.Equal((1, 0), (loop.Listener.Clients, loop.Listener.TurnedAway)));
    }

    [Fact]
    public async Task A_loop_that_has_ended_is_given_no_more_clients()
    {
        await using var loop = LoopUnderTest.Start(ClientLinkTests.Echo, loops: 2);
        await loop.Listener.Loops[1].EndAsync();

        for (var i = 0; i < 4; i++)
        {
            var (client, _) = await loop.ConnectAsync();
            await client.SendTextAsync("x");
            Assert.Equal("x", await client.ReadTextAsync(1));
        }

        Assert.Equal(4, loop.Loop.Clients);
    }

    [Fact]
    public async Task Stopping_asks_each_machine_to_end_then_cuts_off_what_goes_on()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.CuttingOff = h => h.Link.Abort(), loops: 2);
        var (obedient, one) = await loop.ConnectAsync();
        var (stubborn, other) = await loop.ConnectAsync();

        var stopping = loop.Listener.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("stop", await one.NextAsync());
        Assert.Equal("stop", await other.NextAsync());
        await one.OnLoopAsync(h => h.Link.Close());
        Assert.Empty((await obedient.ReadToEndAsync()).Bytes);
        obedient.Dispose();
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 1);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await late.ConnectAsync(loop.Listener.EndPoint, Limit.Token));
        Assert.False(stopping.IsCompleted);
        await LoopUnderTest.UntilAsync(() =>
        {
            // When the grace began to be waited for can't be seen from here.
            loop.Time.Advance(TimeSpan.FromSeconds(10));
            return other.HasMore;
        });
        Assert.Equal("cut off", await other.NextAsync());

        await stopping.WaitAsync(Limit.Unexpected);
        Assert.True((await stubborn.ReadToEndAsync()).WasReset);
        stubborn.Dispose();
    }

    [Fact]
    public async Task Disposing_cuts_off_at_once_and_may_be_done_again()
    {
        var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await loop.DisposeAsync().AsTask().WaitAsync(Limit.Unexpected);
        await loop.DisposeAsync().AsTask().WaitAsync(Limit.Unexpected);
        await loop.Listener.StopAsync(TimeSpan.FromSeconds(10)).WaitAsync(Limit.Unexpected);

        Assert.Equal("stop", await handler.NextAsync());
        Assert.Equal("cut off", await handler.NextAsync());
        Assert.Empty((await client.ReadToEndAsync()).Bytes);
        client.Dispose();
    }
}
