namespace PaaS.Routing.Tests;

/// <summary>Connections to dynos that the lanes on Kestrel share: made, lost, kept and taken again.</summary>
public class SocketLinkTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_connection_is_told_when_it_stands()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        await using var dyno = new RawDyno(async connection => await connection.SendAsync(await connection.ReadExactlyAsync(4)));

        var handler = await KestrelUnderTest.DialDynoAsync(kestrel.NewLane(), dyno.Endpoint, handler => handler.Connected = h => h.Link.Send("ping"u8));

        Assert.Equal("connected", await handler.NextAsync());
        Assert.Equal("end", await handler.NextAsync());
        Assert.Equal("ping"u8.ToArray(), handler.Received.ToArray());
        await handler.OnLoopAsync(h => h.Link.Close());
    }

    [Fact]
    public async Task A_refused_connection_is_told_not_within_the_call()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();

        var handler = await KestrelUnderTest.DialDynoAsync(kestrel.NewLane(), RawDyno.Refusing(), handler => Assert.False(handler.HasMore));

        Assert.Equal("refused", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.True(((SocketLink)h.Link).IsGone));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000_000)]
    public async Task Bytes_come_whole_and_in_order_in_whatever_pieces_they_are_taken(int size)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var bytes = SocketWords.Pattern(size);
        await using var dyno = new RawDyno(async connection => await connection.SendAsync(bytes));

        var handler = await KestrelUnderTest.DialDynoAsync(kestrel.NewLane(), dyno.Endpoint, handler => handler.Take = (h, some) =>
        {
            // Leaves a little each time, and pauses now and then.
            var count = some.Length > 3 ? some.Length - 3 : some.Length;
            h.Received.Write(some[..count]);
            if (h.Received.Length % 5 == 0)
            {
                h.Link.Pause();
                h.Lane.Post(_ => h.Link.Resume(), null);
            }

            return count;
        });

        await LoopUnderTest.UntilAsync(() => handler.Received.Length >= size - 3);
        Assert.Equal(bytes[..(int)handler.Received.Length], handler.Received.ToArray());
        await handler.OnLoopAsync(h => h.Link.Abort());
    }

    [Fact]
    public async Task What_a_dyno_sent_before_it_closed_is_read_first_by_a_paused_link()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        await using var dyno = new RawDyno(async connection => await connection.SendAsync(new string('r', 100_000)));
        var handler = await KestrelUnderTest.DialDynoAsync(kestrel.NewLane(), dyno.Endpoint, handler => handler.Link.Pause());
        Assert.Equal("connected", await handler.NextAsync());

        await handler.OnLoopAsync(h => Assert.Equal(0, h.Received.Length));
        Assert.False(handler.HasMore);
        await handler.OnLoopAsync(h => h.Link.Resume());

        Assert.Equal("end", await handler.NextAsync());
        Assert.Equal(100_000, handler.Received.Length);
        await handler.OnLoopAsync(h => h.Link.Close());
    }

    [Fact]
    public async Task A_dyno_that_does_not_read_holds_the_sender_back()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var read = new TaskCompletionSource();
        await using var dyno = new RawDyno(async connection =>
        {
            await read.Task;
            await connection.ReadExactlyAsync(16 * 1024 * 1024);
        });
        var handler = await KestrelUnderTest.DialDynoAsync(kestrel.NewLane(), dyno.Endpoint, handler => handler.Connected = h => h.Link.Send(new byte[16 * 1024 * 1024]));
        Assert.Equal("connected", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.NotEqual(0, h.Link.Unsent));
        Assert.False(handler.HasMore);

        read.SetResult();

        Assert.Equal("sent", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.Equal(0, h.Link.Unsent));
    }

    [Fact]
    public async Task The_connection_that_was_used_last_is_taken_first_by_any_lane_and_only_while_it_is_fresh()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        await using var dyno = new RawDyno(async connection => await connection.ReadToCloseAsync());
        var (one, two) = (kestrel.NewLane(), kestrel.NewLane());
        var first = await ConnectAsync(one, dyno.Endpoint);
        var second = await ConnectAsync(one, dyno.Endpoint);

        await LoopUnderTest.OnAsync(one, () => one.Keep(first, Long));
        kestrel.Time.Advance(TimeSpan.FromSeconds(1));
        await LoopUnderTest.OnAsync(one, () => one.Keep(second, Long));
        await LoopUnderTest.OnAsync(two, () =>
        {
            Assert.Same(second, two.TakeIdle(dyno.Endpoint, Long));
            Assert.Same(two, second.Lane);
            Assert.Null(two.TakeIdle(dyno.Endpoint, TimeSpan.FromSeconds(1)));
            Assert.Same(first, two.TakeIdle(dyno.Endpoint, TimeSpan.FromSeconds(1.001)));
            Assert.Null(two.TakeIdle(dyno.Endpoint, Long));
        });
    }

    [Fact]
    public async Task Bytes_for_a_connection_that_went_to_another_lane_come_there()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            while (true)
            {
                await connection.SendAsync(await connection.ReadExactlyAsync(4));
            }
        });
        var lane = kestrel.NewLane();
        var half = await ConnectAsync(lane, dyno.Endpoint);
        await LoopUnderTest.OnAsync(lane, () => lane.Keep(half, Long));

        for (var i = 0; i < 50; i++)
        {
            var next = kestrel.NewLane();
            ScriptedHandler? handler = null;
            await LoopUnderTest.OnAsync(next, () =>
            {
                Assert.Same(half, next.TakeIdle(dyno.Endpoint, Long));
                handler = new ScriptedHandler(next, half.Link);
                half.Link.Handler = handler;
                handler.Take = (h, bytes) =>
                {
                    h.Received.Write(bytes);
                    if (h.Received.Length == 4)
                    {
                        h.Lane.Keep(half, Long);
                        h.Note("kept");
                    }

                    return bytes.Length;
                };
                half.Link.Send("ping"u8);
            });
            Assert.Equal("kept", await handler!.NextAsync());
            await LoopUnderTest.OnAsync(next, () => Assert.Equal("ping"u8.ToArray(), handler.Received.ToArray()));
        }

        Assert.Equal(1, dyno.Connections);
    }

    [Fact]
    public async Task A_kept_connection_that_the_dyno_closes_or_speaks_on_is_gone()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        await using var closing = new RawDyno(async _ => await go.Task);
        await using var speaking = new RawDyno(async connection =>
        {
            await go.Task;
            await connection.SendAsync("unasked");
            await connection.ReadToCloseAsync();
        });
        var lane = kestrel.NewLane();
        var halves = new[] { await ConnectAsync(lane, closing.Endpoint), await ConnectAsync(lane, speaking.Endpoint) };
        await LoopUnderTest.OnAsync(lane, () => Array.ForEach(halves, half => lane.Keep(half, Long)));

        go.SetResult();

        await LoopUnderTest.UntilAsync(() => Array.TrueForAll(halves, half => ((SocketLink)half.Link).IsGone));
        await LoopUnderTest.OnAsync(lane, () =>
        {
            Assert.Null(lane.TakeIdle(closing.Endpoint, Long));
            Assert.Null(lane.TakeIdle(speaking.Endpoint, Long));
        });
    }

    [Fact]
    public async Task A_kept_connection_is_closed_when_its_time_is_up_and_its_dyno_is_retired_or_the_router_ends()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var ends = 0;
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadToCloseAsync();
            Interlocked.Increment(ref ends);
        });
        var lane = kestrel.NewLane();

        await KeepAsync(TimeSpan.FromSeconds(5));
        kestrel.Time.Advance(TimeSpan.FromSeconds(4.9));
        await LoopUnderTest.OnAsync(lane, () => Assert.Equal(0, Volatile.Read(ref ends)));
        kestrel.Time.Advance(TimeSpan.FromSeconds(0.2));
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref ends) == 1);

        await KeepAsync(Long);
        dyno.Endpoint.Retire();
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref ends) == 2);

        await KeepAsync(Long);
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref ends) == 3);

        await using var last = new RawDyno(async connection =>
        {
            await connection.ReadToCloseAsync();
            Interlocked.Increment(ref ends);
        });
        var half = await ConnectAsync(lane, last.Endpoint);
        await LoopUnderTest.OnAsync(lane, () => lane.Keep(half, Long));
        kestrel.Lanes.Dispose();
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref ends) == 4);

        async Task KeepAsync(TimeSpan time)
        {
            var half = await ConnectAsync(lane, dyno.Endpoint);
            await LoopUnderTest.OnAsync(lane, () => lane.Keep(half, time));
        }
    }

    private static async Task<DynoHalf> ConnectAsync(ConnectionLane lane, DynoEndpoint dyno)
    {
        var handler = await KestrelUnderTest.DialDynoAsync(lane, dyno);
        Assert.Equal("connected", await handler.NextAsync());
        return ((SocketLink)handler.Link).Half!;
    }
}
