using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>How connections on an event loop end, from either side.</summary>
public class LinkEndTests
{
    private const int Large = 8 * 1024 * 1024;

    [Fact]
    public async Task The_end_comes_behind_the_bytes_and_the_other_half_stays_open()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Ended = h =>
        {
            h.Link.Send(h.Received.ToArray());
            h.Link.End();
        });
        var (client, handler) = await loop.ConnectAsync();

        await client.SendTextAsync("all of it");
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("all of it", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        Assert.Equal("end", await handler.NextAsync());
        await handler.OnLoopAsync(h => h.Link.Close());
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 0);
        client.Dispose();
    }

    [Fact]
    public async Task Our_end_goes_behind_what_is_unsent_and_the_peer_may_go_on()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();
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

    [Fact]
    public async Task Abort_is_a_reset_to_the_peer()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await handler.OnLoopAsync(h => h.Link.Abort());

        Assert.True((await client.ReadToEndAsync()).WasReset);
        Assert.Equal(0, loop.Listener.Clients);
        client.Dispose();
    }

    [Fact]
    public async Task A_reset_is_told_behind_the_bytes_before_it()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await client.SendTextAsync("last words");
        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
        Assert.Equal("last words", Encoding.Latin1.GetString(handler.Received.ToArray()));
        Assert.Equal(0, loop.Listener.Clients);
    }

    [Fact]
    public async Task A_client_that_resets_while_paused_is_noticed_at_once()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, _) =>
        {
            h.Link.Pause();
            h.Note("paused");
            return 0;
        });
        var (client, handler) = await loop.ConnectAsync();
        await client.SendTextAsync("unread");
        Assert.Equal("paused", await handler.NextAsync());

        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
    }

    [Fact]
    public async Task An_end_while_paused_is_foreseen_if_bytes_are_unread_and_told_behind_them()
    {
        var takes = 0;
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, bytes) =>
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
        var (client, handler) = await loop.ConnectAsync();
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

    [Fact]
    public async Task An_end_while_paused_with_nothing_unread_is_told_at_once()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();
        await client.SendTextAsync("read");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 4);
        await handler.OnLoopAsync(h => h.Link.Pause());

        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("end", await handler.NextAsync());
        client.Dispose();
    }

    [Fact]
    public async Task An_end_that_came_with_the_bytes_at_which_the_handler_paused_is_told_too()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, bytes) =>
        {
            h.Link.Pause();
            return bytes.Length;
        });
        var (client, handler) = await loop.ConnectAsync();
        var mayGoOn = new ManualResetEventSlim();
        loop.Loop.Post(_ => mayGoOn.Wait(Limit.Unexpected), null);

        // Both are there before the loop looks.
        await client.SendTextAsync("bytes");
        client.Shutdown(SocketShutdown.Send);
        mayGoOn.Set();

        Assert.Equal("end", await handler.NextAsync());
        client.Dispose();
    }

    [Fact]
    public async Task Close_sends_what_is_unsent_and_an_answer_is_not_overtaken_by_a_reset()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, handler) = await loop.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);

        // More than the sockets hold: the answer can be read only because it is dropped at the other end.
        var sending = client.SendAllAsync(new byte[6_000_000]);
        var reading = client.ReadToEndAsync();
        await sending;
        var (answer, wasReset) = await reading;

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(Large), answer);
        client.Shutdown(SocketShutdown.Both);
        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 0);
        Assert.False(handler.HasMore);
        client.Dispose();
    }

    [Fact]
    public async Task A_client_that_neither_sends_nor_closes_after_its_answer_is_left_after_two_seconds()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await handler.OnLoopAsync(h =>
        {
            h.Link.Send("bye"u8);
            h.Link.Close();
        });
        Assert.Equal("bye", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(2));
        loop.Time.Advance(TimeSpan.FromSeconds(1.999));
        await loop.OnLoopAsync(() => Assert.Equal(1, loop.Listener.Clients));
        loop.Time.Advance(TimeSpan.FromMilliseconds(1));

        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 0);
        client.Dispose();
    }

    [Fact]
    public async Task A_closed_connection_that_takes_nothing_is_cut_off_after_the_idle_time_and_one_that_takes_is_not()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);
        await handler.OnLoopAsync(h =>
        {
            h.Link.Send(new byte[4 * Large]);
            h.Link.Close();
        });
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue is { } due && due == TimeSpan.FromSeconds(55));

        loop.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(Large, (await client.ReadAsync(Large)).Length);
        await loop.OnLoopAsync(() => { });
        loop.Time.Advance(TimeSpan.FromSeconds(50));
        await loop.OnLoopAsync(() => Assert.Equal(1, loop.Listener.Clients));
        loop.Time.Advance(TimeSpan.FromSeconds(50));

        await LoopUnderTest.UntilAsync(() => loop.Listener.Clients == 0);
        Assert.True((await client.ReadToEndAsync()).WasReset);
        client.Dispose();
    }
}
