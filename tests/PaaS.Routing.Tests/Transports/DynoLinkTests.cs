using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>Connections to dynos on an event loop: made, lost, kept and taken again.</summary>
public class DynoLinkTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_connection_is_told_when_it_stands()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.SendAsync(await connection.ReadExactlyAsync(4)));

        var handler = await loop.DialAsync(dyno.Endpoint, handler => handler.Connected = h => h.Link.Send("ping"u8));

        Assert.Equal("connected", await handler.NextAsync());
        Assert.Equal("end", await handler.NextAsync());
        Assert.Equal("ping"u8.ToArray(), handler.Received.ToArray());
        await handler.OnLoopAsync(h => h.Link.Close());
    }

    [Fact]
    public async Task What_is_sent_before_it_stands_goes_first()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.SendAsync(await connection.ReadToCloseAsync()));

        var handler = await loop.DialAsync(dyno.Endpoint, handler =>
        {
            handler.Link.Send("early"u8);
            handler.Link.End();
        });

        Assert.Equal("connected", await handler.NextAsync());
        Assert.Equal("sent", await handler.NextAsync());
        Assert.Equal("end", await handler.NextAsync());
        Assert.Equal("early"u8.ToArray(), handler.Received.ToArray());
        await handler.OnLoopAsync(h => h.Link.Close());
    }

    [Fact]
    public async Task A_refused_connection_is_told_not_within_the_call()
    {
        await using var loop = LoopUnderTest.Start();

        var handler = await loop.DialAsync(RawDyno.Refusing(), handler => Assert.False(handler.HasMore));

        Assert.Equal("refused", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.True(((EpollLink)h.Link).IsGone));
    }

    [Fact]
    public async Task A_connection_that_fails_at_once_costs_no_other_connection_its_events()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, first) = await loop.ConnectAsync();
        using var closing = client;

        // The kernel has no way to such an address, and says so before there is anything to watch: as of a dyno whose network is gone.
        var failed = await loop.DialAsync(new DynoEndpoint(new DynoName(ProcessType.Web, 1), new IPEndPoint(IPAddress.Broadcast, 80)));
        Assert.Equal("refused", await failed.NextAsync());
        await client.SendAsync("still there"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("end", await first.NextAsync());
        Assert.Equal("still there"u8.ToArray(), first.Received.ToArray());
    }

    [Theory]
    [InlineData(111, ConnectFailure.Refused)]
    [InlineData(113, ConnectFailure.Refused)]
    [InlineData(110, ConnectFailure.TimedOut)]
    [InlineData(24, ConnectFailure.Lack)]
    [InlineData(28, ConnectFailure.Lack)]
    [InlineData(99, ConnectFailure.Lack)]
    public void What_this_machine_lacks_is_not_taken_for_a_dyno_that_refuses(int error, object failure) => Assert.Equal(failure, DynoLink.FailureOf(error));

    [Fact]
    public async Task A_connection_that_is_aborted_before_it_stands_tells_nothing()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = RawDyno.Hello();

        var refused = await loop.DialAsync(RawDyno.Refusing(), handler => handler.Link.Abort());
        var made = await loop.DialAsync(dyno.Endpoint, handler => handler.Link.Close());

        await loop.OnLoopAsync(() => { });
        await loop.OnLoopAsync(() => { });
        Assert.False(refused.HasMore);
        Assert.False(made.HasMore);
    }

    [Fact]
    public async Task What_a_dyno_sent_before_it_reset_the_connection_is_read_first()
    {
        await using var loop = LoopUnderTest.Start();
        var reset = new TaskCompletionSource();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.SendAsync(new string('r', 100_000));
            await reset.Task;
            connection.Reset();
        });
        var handler = await loop.DialAsync(dyno.Endpoint, handler => handler.Link.Pause());
        Assert.Equal("connected", await handler.NextAsync());
        await LoopUnderTest.UntilAsync(() => SocketWords.Of(handler.Link).Available == 100_000);

        reset.SetResult();
        await LoopUnderTest.UntilAsync(() => HasFailed(handler));
        await loop.OnLoopAsync(() => { });
        Assert.False(handler.HasMore);
        await handler.OnLoopAsync(h => h.Link.Resume());

        Assert.Equal("broken", await handler.NextAsync());
        Assert.Equal(100_000, handler.Received.Length);
    }

    [Fact]
    public async Task The_connection_that_was_used_last_is_taken_first_and_only_while_it_is_fresh()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        var first = await ConnectAsync(loop, dyno, 1);
        var second = await ConnectAsync(loop, dyno, 2);

        await loop.OnLoopAsync(() => loop.Loop.Keep(first, Long));
        loop.Time.Advance(TimeSpan.FromSeconds(1));
        await loop.OnLoopAsync(() =>
        {
            loop.Loop.Keep(second, Long);
            Assert.Same(second, loop.Loop.TakeIdle(dyno.Endpoint, Long));
            Assert.Null(loop.Loop.TakeIdle(dyno.Endpoint, TimeSpan.FromSeconds(1)));
            Assert.Same(first, loop.Loop.TakeIdle(dyno.Endpoint, TimeSpan.FromSeconds(1.001)));
            Assert.Null(loop.Loop.TakeIdle(dyno.Endpoint, Long));
        });
    }

    [Fact]
    public async Task A_kept_connection_that_the_dyno_closes_or_speaks_on_is_forgotten()
    {
        await using var loop = LoopUnderTest.Start();
        var close = new TaskCompletionSource();
        var speak = new TaskCompletionSource();
        await using var closing = new RawDyno(async _ => await close.Task);
        await using var speaking = new RawDyno(async connection =>
        {
            await speak.Task;
            await connection.SendAsync("HTTP/1.1 200 Nobody asked\r\n\r\n");
            await connection.ReadToCloseAsync();
        });
        var one = await ConnectAsync(loop, closing, 1);
        var other = await ConnectAsync(loop, speaking, 1);
        await loop.OnLoopAsync(() =>
        {
            loop.Loop.Keep(one, Long);
            loop.Loop.Keep(other, Long);
        });

        close.SetResult();
        speak.SetResult();

        await LoopUnderTest.UntilAsync(() => ((EpollLink)one.Link).IsGone && ((EpollLink)other.Link).IsGone);
        await loop.OnLoopAsync(() =>
        {
            Assert.Null(loop.Loop.TakeIdle(closing.Endpoint, Long));
            Assert.Null(loop.Loop.TakeIdle(speaking.Endpoint, Long));
        });
    }

    [Fact]
    public async Task A_connection_with_more_behind_its_response_is_not_kept()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.SendAsync("response+more");
            await connection.ReadToCloseAsync();
        });
        var handler = await loop.DialAsync(dyno.Endpoint, handler => handler.Take = (h, bytes) =>
        {
            if (bytes.Length < 13)
            {
                return 0;
            }

            ((DynoLink)h.Link).Keep(1_000_000);
            return 8;
        });

        await LoopUnderTest.UntilAsync(() => ((EpollLink)handler.Link).IsGone);
        Assert.Equal("connected", await handler.NextAsync());
        Assert.False(handler.HasMore);
    }

    [Fact]
    public async Task Kept_connections_are_closed_when_their_time_is_over()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        var shorter = await ConnectAsync(loop, dyno, 1);
        var longer = await ConnectAsync(loop, dyno, 2);
        DynoPool? pool = null;
        await loop.OnLoopAsync(() =>
        {
            pool = loop.Loop.PoolOf(dyno.Endpoint);
            loop.Loop.Keep(longer, TimeSpan.FromSeconds(90));
            loop.Loop.Keep(shorter, TimeSpan.FromSeconds(5));
        });
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(5));

        loop.Time.Advance(TimeSpan.FromSeconds(5));
        await LoopUnderTest.UntilAsync(() => ((EpollLink)shorter.Link).IsGone);
        await loop.OnLoopAsync(() => Assert.False(((EpollLink)longer.Link).IsGone));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(85));
        loop.Time.Advance(TimeSpan.FromSeconds(85));

        await LoopUnderTest.UntilAsync(() => ((EpollLink)longer.Link).IsGone);

        // Nothing is left of a dyno that nobody retired either.
        await loop.OnLoopAsync(() => Assert.NotSame(pool, loop.Loop.PoolOf(dyno.Endpoint)));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_dyno_that_nobody_retired_when_none_of_its_connections_was_kept()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        var handler = await loop.DialAsync(dyno.Endpoint);
        Assert.Equal("connected", await handler.NextAsync());
        DynoPool? pool = null;
        await loop.OnLoopAsync(() =>
        {
            pool = loop.Loop.PoolOf(dyno.Endpoint);
            handler.Link.Close();
        });
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == new RouterOptions().PoolIdleTimeout);

        loop.Time.Advance(new RouterOptions().PoolIdleTimeout);

        // Deadlines come after what was posted before them.
        await loop.OnLoopAsync(() => { });
        await loop.OnLoopAsync(() => Assert.NotSame(pool, loop.Loop.PoolOf(dyno.Endpoint)));
    }

    [Fact]
    public async Task The_connections_of_a_retired_dyno_are_closed_the_idle_ones_at_once_the_others_after_their_request()
    {
        await using var loop = LoopUnderTest.Start();
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        var idle = await ConnectAsync(loop, dyno, 1);
        var busy = await ConnectAsync(loop, dyno, 2);
        await loop.OnLoopAsync(() => loop.Loop.Keep(idle, Long));

        dyno.Endpoint.Retire();

        await LoopUnderTest.UntilAsync(() => ((EpollLink)idle.Link).IsGone);
        await loop.OnLoopAsync(() =>
        {
            Assert.False(((EpollLink)busy.Link).IsGone);
            loop.Loop.Keep(busy, Long);
            Assert.True(((EpollLink)busy.Link).IsGone);
        });
    }

    private static async Task<DynoHalf> ConnectAsync(LoopUnderTest loop, RawDyno dyno, int connections)
    {
        DynoHalf? half = null;
        var handler = await loop.DialAsync(dyno.Endpoint);
        Assert.Equal("connected", await handler.NextAsync());
        await handler.OnLoopAsync(h => ((DynoLink)h.Link).Half = half = new DynoHalf(loop.Loop, dyno.Endpoint, h.Link));
        await LoopUnderTest.UntilAsync(() => dyno.Connections == connections);
        return half!;
    }

    private static bool HasFailed(ScriptedHandler handler)
    {
        // The state of TCP_INFO, where 7 is closed for good: asking for the error itself would take it away.
        Span<byte> info = stackalloc byte[8];
        SocketWords.Of(handler.Link).GetRawSocketOption(6, 11, info);
        return info[0] == 7;
    }
}
