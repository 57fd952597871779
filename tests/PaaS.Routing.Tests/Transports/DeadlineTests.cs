using PaaS.Testing;

namespace PaaS.Routing.Tests;

/// <summary>Deadlines on an event loop, on a clock that only the test moves, and what comes from other threads.</summary>
public class DeadlineTests
{
    [Fact]
    public async Task A_deadline_comes_at_its_time_and_not_before()
    {
        await using var loop = LoopUnderTest.Start();
        var alarm = new Alarm();
        await loop.OnLoopAsync(() => alarm.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(30))));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(30));

        loop.Time.Advance(TimeSpan.FromSeconds(29.999));
        await loop.OnLoopAsync(() => Assert.Equal(0, alarm.Rings));
        loop.Time.Advance(TimeSpan.FromMilliseconds(1));

        await LoopUnderTest.UntilAsync(() => alarm.Rings == 1);
        await loop.OnLoopAsync(() => Assert.Equal(Timed.Never, alarm.Due));
    }

    [Fact]
    public async Task A_deadline_that_moves_on_is_looked_at_when_it_was_noted_for_and_comes_later()
    {
        await using var loop = LoopUnderTest.Start();
        var alarm = new Alarm();
        await loop.OnLoopAsync(() => alarm.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(10))));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(10));
        loop.Time.Advance(TimeSpan.FromSeconds(5));
        await loop.OnLoopAsync(() => alarm.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(10))));
        await loop.OnLoopAsync(() => Assert.Equal(TimeSpan.FromSeconds(5), loop.Time.NextDue));

        loop.Time.Advance(TimeSpan.FromSeconds(5));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(5));
        Assert.Equal(0, alarm.Rings);
        loop.Time.Advance(TimeSpan.FromSeconds(5));

        await LoopUnderTest.UntilAsync(() => alarm.Rings == 1);
    }

    [Fact]
    public async Task A_deadline_that_becomes_earlier_is_kept()
    {
        await using var loop = LoopUnderTest.Start();
        var late = new Alarm();
        var early = new Alarm();
        await loop.OnLoopAsync(() =>
        {
            late.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(60)));
            early.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(50)));
        });
        await loop.OnLoopAsync(() => late.Set(loop.Loop, loop.Loop.Now + loop.Loop.Ticks(TimeSpan.FromSeconds(1))));
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue == TimeSpan.FromSeconds(1));

        loop.Time.Advance(TimeSpan.FromSeconds(1));

        await LoopUnderTest.UntilAsync(() => late.Rings == 1);
        Assert.Equal(0, early.Rings);
    }

    [Fact]
    public async Task A_deadline_that_fails_leaves_the_others_and_the_loop()
    {
        await using var loop = LoopUnderTest.Start();
        var bad = new Alarm { Fails = true };
        var good = new Alarm();
        await loop.OnLoopAsync(() =>
        {
            bad.Set(loop.Loop, loop.Loop.Now + 1);
            good.Set(loop.Loop, loop.Loop.Now + 2);
        });
        await LoopUnderTest.UntilAsync(() => loop.Time.NextDue is not null);

        loop.Time.Advance(TimeSpan.FromSeconds(1));

        await LoopUnderTest.UntilAsync(() => good.Rings == 1);
        Assert.Contains(loop.Log.Lines, line => line.Contains("a fault of the test", StringComparison.Ordinal));
    }

    [Fact]
    public void Deadlines_come_in_their_order_whatever_was_moved_and_taken_out()
    {
        var random = new Random(7);
        var lane = new BareLane();
        var alarms = Enumerable.Range(0, 300).Select(_ => new Alarm()).ToArray();
        var now = 0L;
        for (var step = 0; step < 20_000; step++)
        {
            var alarm = alarms[random.Next(alarms.Length)];
            switch (random.Next(10))
            {
                case < 6:
                    alarm.Set(lane, now + 1 + random.Next(1000));
                    break;
                case < 8:
                    alarm.Set(lane, Timed.Never);
                    break;
                case 8:
                    lane.Deadlines.Remove(alarm);
                    alarm.Set(lane, alarm.Due);
                    break;
                default:
                    now += random.Next(200);
                    var due = alarms.Where(other => other.Due <= now).ToHashSet();
                    while (lane.Deadlines.TakeDue(now) is { } taken)
                    {
                        Assert.True(due.Remove((Alarm)taken));
                        taken.Expire();
                    }

                    Assert.Empty(due);
                    break;
            }

            var earliest = alarms.Min(other => other.Due);
            Assert.True(lane.Deadlines.Earliest <= earliest);
            Assert.All(alarms, other => Assert.True(other.Due == Timed.Never || other.NotedFor <= other.Due));
        }
    }

    [Fact]
    public async Task What_is_posted_runs_on_the_loop_in_the_order_of_each_thread()
    {
        const int threads = 4;
        const int posts = 10_000;
        await using var loop = LoopUnderTest.Start();
        var last = new int[threads];
        var run = 0;
        var wrong = 0;
        var loopThread = 0;
        await loop.OnLoopAsync(() => loopThread = Environment.CurrentManagedThreadId);

        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var i = 1; i <= posts; i++)
            {
                loop.Loop.Post(
                    state =>
                    {
                        var (from, number) = ((int, int))state!;
                        wrong += last[from] + 1 == number && Environment.CurrentManagedThreadId == loopThread ? 0 : 1;
                        last[from] = number;
                        Volatile.Write(ref run, run + 1);
                    },
                    (thread, i));
            }
        })));

        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref run) == threads * posts);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task The_wall_clock_and_the_date_are_those_of_the_routers_clock()
    {
        await using var loop = LoopUnderTest.Start();

        await loop.OnLoopAsync(() => Assert.Equal("Fri, 20 Nov 2026 15:00:00 GMT"u8.ToArray(), loop.Loop.Date.ToArray()));
        loop.Time.Advance(TimeSpan.FromMilliseconds(61_500));

        await loop.OnLoopAsync(() =>
        {
            Assert.Equal("Fri, 20 Nov 2026 15:01:01 GMT"u8.ToArray(), loop.Loop.Date.ToArray());
            Assert.Equal(loop.Time.GetUtcNow().ToUnixTimeMilliseconds(), loop.Loop.UnixMilliseconds);
        });
    }

    private sealed class Alarm : Timed
    {
        private int _rings;

        public bool Fails { get; init; }

        public int Rings => Volatile.Read(ref _rings);

        public void Set(Lane lane, long due) => SetDue(lane, due);

        public override void OnDue()
        {
            _rings++;
            if (Fails)
            {
                throw new InvalidOperationException("a fault of the test");
            }
        }
    }

    /// <summary>Deadlines alone.</summary>
    private sealed class BareLane() : Lane(new PaaSRouter(new RouteTable()).Engine)
    {
        public Deadlines Deadlines { get; } = new();

        public override long Now => 0;

        public override long UnixMilliseconds => 0;

        public override ReadOnlySpan<byte> Date => default;

        public override void Note(Timed timed) => Deadlines.Note(timed);

        public override void Post(Action<object?> action, object? state) => throw new NotSupportedException();

        public override DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle) => throw new NotSupportedException();

        public override DynoHalf Connect(DynoEndpoint dyno) => throw new NotSupportedException();

        public override void Keep(DynoHalf half, TimeSpan atMost) => throw new NotSupportedException();

        public override void Forget(DynoHalf half) => throw new NotSupportedException();

        public override Exchange RentExchange() => throw new NotSupportedException();

        public override void Return(Exchange exchange) => throw new NotSupportedException();
    }
}
