using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>How connections end, from either side. Holds for every transport; a class that derives runs it on one.</summary>
public abstract class LinkEndTests
{
    protected const int Large = 8 * 1024 * 1024;

    [Fact]
    public async Task Abort_is_a_reset_to_the_peer()
    {
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync();

        await handler.OnLoopAsync(h => h.Link.Abort());

        Assert.True((await client.ReadToEndAsync()).WasReset);
        await LoopUnderTest.UntilAsync(() => transport.IsGone(handler));
        client.Dispose();
    }

    [Fact]
    public async Task A_client_that_resets_while_paused_is_noticed_at_once()
    {
        await using var transport = await StartAsync(handler => handler.Take = (h, _) =>
        {
            h.Link.Pause();
            h.Note("paused");
            return 0;
        });
        var (client, handler) = await transport.ConnectAsync();
        await client.SendTextAsync("unread");
        Assert.Equal("paused", await handler.NextAsync());

        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
    }

    [Fact]
    public async Task An_end_while_paused_is_foreseen_if_bytes_are_unread_and_told_behind_them()
    {
        var takes = 0;
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
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
        var (client, handler) = await transport.ConnectAsync();
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
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync();
        await client.SendTextAsync("read");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 4);
        await handler.OnLoopAsync(h => h.Link.Pause());

        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("end", await handler.NextAsync());
        client.Dispose();
    }

    private protected abstract Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null);
}

/// <summary>How connections end of which each half can be closed alone.</summary>
public abstract class HalfLinkEndTests : LinkEndTests
{
    [Fact]
    public async Task The_end_comes_behind_the_bytes_and_the_other_half_stays_open()
    {
        await using var transport = await StartAsync(handler => handler.Ended = h =>
        {
            h.Link.Send(h.Received.ToArray());
            h.Link.End();
        });
        var (client, handler) = await transport.ConnectAsync();

        await client.SendTextAsync("all of it");
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("all of it", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        Assert.Equal("end", await handler.NextAsync());
        await handler.OnLoopAsync(h => h.Link.Close());
        await LoopUnderTest.UntilAsync(() => transport.IsGone(handler));
        client.Dispose();
    }

    [Fact]
    public async Task Our_end_goes_behind_what_is_unsent_and_the_peer_may_go_on()
    {
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync();
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
    public async Task Close_sends_what_is_unsent_and_an_answer_is_not_overtaken_by_a_reset()
    {
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, handler) = await transport.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);

        // More than the sockets hold: the answer can be read only because it is dropped at the other end.
        var sending = client.SendAllAsync(new byte[6_000_000]);
        var reading = client.ReadToEndAsync();
        await sending;
        var (answer, wasReset) = await reading;

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(Large), answer);
        client.Shutdown(SocketShutdown.Both);
        await LoopUnderTest.UntilAsync(() => transport.IsGone(handler));
        Assert.False(handler.HasMore);
        client.Dispose();
    }

    [Fact]
    public async Task A_client_that_neither_sends_nor_closes_after_its_answer_is_left_after_two_seconds()
    {
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync();

        await handler.OnLoopAsync(h =>
        {
            h.Link.Send("bye"u8);
            h.Link.Close();
        });
        Assert.Equal("bye", Encoding.Latin1.GetString((await client.ReadToEndAsync()).Bytes));
        await LoopUnderTest.UntilAsync(() => transport.Time.NextDue is not null);
        transport.Time.Advance(TimeSpan.FromSeconds(1.999));
        await handler.OnLoopAsync(_ => Assert.False(transport.IsGone(handler)));
        transport.Time.Advance(TimeSpan.FromMilliseconds(2));

        await LoopUnderTest.UntilAsync(() => transport.IsGone(handler));
        client.Dispose();
    }

    [Fact]
    public async Task A_closed_connection_that_takes_nothing_is_cut_off_after_the_idle_time_and_one_that_takes_is_not()
    {
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);
        await handler.OnLoopAsync(h =>
        {
            h.Link.Send(new byte[4 * Large]);
            h.Link.Close();
        });
        await LoopUnderTest.UntilAsync(() => transport.Time.NextDue is not null);

        transport.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(Large, (await client.ReadAsync(Large)).Length);
        await handler.OnLoopAsync(_ => { });
        transport.Time.Advance(TimeSpan.FromSeconds(50));
        await handler.OnLoopAsync(_ => Assert.False(transport.IsGone(handler)));
        transport.Time.Advance(TimeSpan.FromSeconds(60));

        await LoopUnderTest.UntilAsync(() => transport.IsGone(handler));
        Assert.True((await client.ReadToEndAsync()).WasReset);
        client.Dispose();
    }
}
