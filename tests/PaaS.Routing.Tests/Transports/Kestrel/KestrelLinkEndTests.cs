using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>How connections on Kestrel end, from either side.</summary>
public class KestrelLinkEndTests
{
    private const int Large = 8 * 1024 * 1024;

    public static TheoryData<Wire> Wires => [Wire.Bare, Wire.Wrapped];

    [Fact]
    public async Task The_end_comes_behind_the_bytes_and_the_other_half_stays_open()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(Wire.Bare, handler => handler.Ended = h =>
        {
            h.Link.Send(h.Received.ToArray());
            h.Link.End();
        });
        var (client, handler) = await kestrel.ConnectAsync();

        await client.SendTextAsync("all of it");
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("all of it", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        Assert.Equal("end", await handler.NextAsync());
        await handler.OnLoopAsync(h => h.Link.Close());
        client.Dispose();
    }

    [Fact]
    public async Task Our_end_goes_behind_what_is_unsent_and_the_peer_may_go_on()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var (client, handler) = await kestrel.ConnectAsync();
        var bytes = SocketWords.Pattern(Large);

        await handler.OnLoopAsync(h =>
        {
            h.Link.Send(bytes);
            h.Link.End();
        });

        Assert.Equal(bytes, (await client.ReadToEndAsync()).Bytes);
        await client.SendTextAsync("still here");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 10);
        client.Dispose();
        Assert.Equal("sent", await handler.NextAsync());
        Assert.Equal("end", await handler.NextAsync());
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Abort_is_a_reset_to_the_peer(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire);
        var (client, handler) = await kestrel.ConnectAsync();

        await handler.OnLoopAsync(h => h.Link.Abort());

        Assert.True((await client.ReadToEndAsync()).WasReset);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Abort_within_the_bytes_is_a_reset_to_the_peer(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
        {
            h.Link.Abort();
            return bytes.Length;
        });
        var (client, handler) = await kestrel.ConnectAsync();

        await client.SendTextAsync("x");

        Assert.True((await client.ReadToEndAsync()).WasReset);
        await LoopUnderTest.UntilAsync(() => ((KestrelLink)handler.Link).Gone.IsCompleted);
        Assert.Empty(kestrel.Log.Lines);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_reset_is_told(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire);
        var (client, handler) = await kestrel.ConnectAsync();

        await client.SendTextAsync("last words");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 10);
        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
        await LoopUnderTest.UntilAsync(() => ((KestrelLink)handler.Link).Gone.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_client_that_resets_while_paused_is_noticed_at_once(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, _) =>
        {
            h.Link.Pause();
            h.Note("paused");
            return 0;
        });
        var (client, handler) = await kestrel.ConnectAsync();
        await client.SendTextAsync("unread");
        Assert.Equal("paused", await handler.NextAsync());

        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task An_end_while_paused_is_foreseen_if_bytes_are_unread_and_told_behind_them(Wire wire)
    {
        var takes = 0;
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
        {
            if (takes++ == 0)
            {
                h.Link.Pause();
                h.Note("paused");
                return 0;
            }

            h.Received.Write(bytes);
            return bytes.Length;
        });
        var (client, handler) = await kestrel.ConnectAsync();
        await client.SendTextAsync("first ");
        Assert.Equal("paused", await handler.NextAsync());

        await client.SendTextAsync("second");
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("end ahead", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.Equal(0, h.Received.Length));
        await handler.OnLoopAsync(h => h.Link.Resume());
        Assert.Equal("end", await handler.NextAsync());
        Assert.Equal("first second", Encoding.Latin1.GetString(handler.Received.ToArray()));
        Assert.False(handler.HasMore);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task An_end_while_paused_with_nothing_unread_is_told_at_once(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire);
        var (client, handler) = await kestrel.ConnectAsync();
        await client.SendTextAsync("read");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 4);
        await handler.OnLoopAsync(h => h.Link.Pause());

        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("end", await handler.NextAsync());
        client.Dispose();
    }

    [Fact]
    public async Task Close_sends_what_is_unsent_and_an_answer_is_not_overtaken_by_a_reset()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(configure: handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, handler) = await kestrel.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);

        // More than the sockets hold: the answer can be read only because it is dropped at the other end.
        var sending = client.SendAllAsync(new byte[6_000_000]);
        var reading = client.ReadToEndAsync();
        await sending;
        var (answer, wasReset) = await reading;

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(Large), answer);
        client.Shutdown(SocketShutdown.Both);
        await LoopUnderTest.UntilAsync(() => ((KestrelLink)handler.Link).Gone.IsCompleted);
        Assert.False(handler.HasMore);
        client.Dispose();
    }

    [Fact]
    public async Task Where_no_half_can_be_closed_close_ends_both_at_once()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(Wire.Wrapped, handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, _) = await kestrel.ConnectAsync();

        await client.SendTextAsync("go");
        var (answer, wasReset) = await client.ReadToEndAsync();

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(Large), answer);
        client.Dispose();
    }

    [Fact]
    public async Task A_client_that_neither_sends_nor_closes_after_its_answer_is_left_after_two_seconds()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var (client, handler) = await kestrel.ConnectAsync();

        await handler.OnLoopAsync(h =>
        {
            h.Link.Send("bye"u8);
            h.Link.Close();
        });
        Assert.Equal("bye", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        kestrel.Time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.False(((KestrelLink)handler.Link).Gone.IsCompleted);
        kestrel.Time.Advance(TimeSpan.FromMilliseconds(2));

        await ((KestrelLink)handler.Link).Gone.WaitAsync(Limit.Unexpected);
        client.Dispose();
    }

    [Fact]
    public async Task A_closed_connection_that_takes_nothing_is_cut_off_after_the_idle_time_and_one_that_takes_is_not()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var (client, handler) = await kestrel.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);
        await handler.OnLoopAsync(h =>
        {
            h.Link.Send(new byte[4 * Large]);
            h.Link.Close();
        });

        kestrel.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(Large, (await client.ReadAsync(Large)).Length);
        await handler.OnLoopAsync(_ => { });
        kestrel.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(((KestrelLink)handler.Link).Gone.IsCompleted);
        kestrel.Time.Advance(TimeSpan.FromSeconds(60));

        await ((KestrelLink)handler.Link).Gone.WaitAsync(Limit.Unexpected);
        Assert.True((await client.ReadToEndAsync()).WasReset);
        client.Dispose();
    }

    [Fact]
    public async Task A_server_that_stops_tells_it_and_cuts_off_what_is_left()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var (client, handler) = await kestrel.ConnectAsync();

        var stopping = kestrel.StopAsync();

        Assert.Equal("stop", await handler.NextAsync());
        Assert.Equal("cut off", await handler.NextAsync());
        Assert.Equal("broken", await handler.NextAsync());
        await stopping;
        client.Dispose();
    }

    [Fact]
    public async Task One_client_too_many_is_told_so()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(options: new RouterOptions { MaxClientConnections = 1 });
        var (first, handler) = await kestrel.ConnectAsync();

        using (var second = await kestrel.DialAsync())
        {
            var answer = Encoding.Latin1.GetString((await second.ReadToEndAsync()).Bytes);
            Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("H22", answer, StringComparison.Ordinal);
        }

        first.Dispose();
        Assert.Equal("end", await handler.NextAsync());
        await handler.OnLoopAsync(h => h.Link.Close());
        await LoopUnderTest.UntilAsync(() => kestrel.Lanes.Clients == 0);
        var (third, _) = await kestrel.ConnectAsync();
        third.Dispose();
    }
}
