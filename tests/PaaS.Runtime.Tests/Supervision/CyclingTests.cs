using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class CyclingTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24) + TimeSpan.FromMinutes(216);
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void After_its_day_a_web_dyno_is_replaced_by_a_new_one_before_it_stops()
    {
        Run(Formation(web: 1));
        var old = _world.Newest("web.1");
        _world.Lines.Clear();

        _world.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Empty(_world.Lines);
        var before = _world.Now;
        _world.FireNext();
        Assert.InRange(_world.Now - before, TimeSpan.Zero, TimeSpan.FromMinutes(217));

        Assert.Equal(["web.1: Cycling", "web.1: State changed from up to starting", "web.1: Starting process with command `run web v1`"], _world.Lines);
        Assert.Contains(old, _world.Routed);
        _world.Settle();
        Assert.NotSame(old, _world.Routed.Single());
        Assert.Equal("web.1: Process exited with status 143", _world.Lines[^1]);
    }

    [Fact]
    public void A_worker_is_cycled_old_before_new()
    {
        Run(Formation(worker: 1));
        _world.Lines.Clear();

        _world.FireNext();
        _world.Settle();

        Assert.Equal(
            [
                "worker.1: Cycling",
                "worker.1: State changed from up to starting",
                "worker.1: Stopping all processes with SIGTERM",
                "worker.1: Process exited with status 143",
                "worker.1: Starting process with command `run worker v1`",
                "worker.1: State changed from starting to up",
            ],
            _world.Lines);
    }

    [Fact]
    public void A_restart_begins_the_day_anew()
    {
        Run(Formation(worker: 1));
        _world.Advance(TimeSpan.FromHours(23));
        _world.Restart(DynoSelector.All);
        _world.Settle();
        _world.Lines.Clear();

        _world.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Empty(_world.Lines);
        _world.Advance(TimeSpan.FromMinutes(216));
        Assert.Contains("worker.1: Cycling", _world.Lines);
    }

    [Fact]
    public void A_failed_cycle_is_tried_again_after_ten_minutes_however_long_crashed_dynos_wait()
    {
        var world = new SupervisorWorld(new() { RestartBackoff = RestartBackoff.Heroku });
        world.Resume(Release(1), Formation(web: 1));
        world.Settle();
        world.FireNext();
        world.StartFailed(world.Newest("web.1"));
        var tried = world.Newest("web.1");

        world.Advance(TimeSpan.FromMinutes(10));

        Assert.NotSame(tried, world.Newest("web.1"));
    }

    [Fact]
    public void A_new_web_dyno_that_fails_leaves_the_old_one_and_the_cycle_is_tried_again()
    {
        Run(Formation(web: 1));
        var old = _world.Newest("web.1");
        _world.FireNext();
        _world.StartFailed(_world.Newest("web.1"));
        _world.Settle();
        Assert.Same(old, _world.Routed.Single());
        Assert.Equal(DynoState.Up, _world.Shown("web.1").State);

        Assert.Equal("web.1: State changed from crashed to up", _world.Lines[^1]);

        _world.Advance(TimeSpan.FromMinutes(10));
        _world.Settle();

        Assert.NotSame(old, _world.Routed.Single());
    }

    [Fact]
    public void Cycling_can_be_switched_off()
    {
        var world = new SupervisorWorld(new() { CycleAfter = null });
        world.Resume(Release(1), Formation(web: 2, worker: 2));
        world.Settle();

        Assert.Null(world.NextDue);
    }

    [Fact]
    public void Workers_that_have_not_come_back_yet_hold_their_share()
    {
        var world = new SupervisorWorld(new() { CycleSpread = TimeSpan.Zero });
        world.Resume(Release(1), Formation(worker: 20));
        world.Settle();

        world.Advance(TimeSpan.FromHours(24));

        Assert.Equal(2, Count());
        var first = world.Dynos.Values.First(dyno => dyno.Signal is not null);
        world.Exit(first, 143);
        world.Gone(first);
        world.Started(world.Newest(first.Name));
        Assert.Equal(3, Count());

        int Count() => world.Lines.Count(line => line.EndsWith(": Cycling", StringComparison.Ordinal));
    }

    /// <summary>A year of 100 dynos (40 days unless PAAS_TEST_SIZE is full): each is cycled about 340 times, no day is longer than it may be, and no web dyno is ever missing from the table.</summary>
    [Fact]
    public void A_year_of_a_hundred_dynos_keeps_every_rule()
    {
        var world = new SupervisorWorld { KeepsGone = false };
        world.Resume(Release(1), Formation(web: 60, worker: 40));
        world.Settle();
        var begin = world.Now;
        var days = Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full" ? 365 : 40;
        var cycles = 0;
        while (world.Now - begin < TimeSpan.FromDays(days))
        {
            world.Lines.Clear();
            world.Effects.Clear();
            world.FireNext();
            world.Settle();
            cycles += world.Lines.Count(line => line.EndsWith(": Cycling", StringComparison.Ordinal));
            var starts = world.State.Runs.Values;
            Assert.Equal(60, world.Routed.Count());
            Assert.Equal(100, starts.Count());
            Assert.All(starts, run => Assert.True(world.Now - run.UpSince <= Longest, $"{run.Name} is up since {run.UpSince}, now it is {world.Now}."));
        }

        Assert.InRange(cycles, 100 * days * 24 / 28, 100 * days);
    }

    [Fact]
    public void However_many_are_due_no_more_than_a_tenth_is_cycled_at_once()
    {
        var world = new SupervisorWorld(new() { CycleSpread = TimeSpan.Zero });
        world.Resume(Release(1), Formation(web: 60, worker: 40));
        world.Settle();
        world.Advance(TimeSpan.FromHours(24));
        var most = 0;
        while (world.Benign().FirstOrDefault() is { } next)
        {
            next();
            // A web dyno beside its successor, or a worker that is not up, is one that is being cycled.
            var inSwap = world.State.Swap?.Request.Runs.Length ?? 0;
            most = Math.Max(most, inSwap + world.State.Dynos.Values.Count(dyno => dyno.IsCycling));
        }

        Assert.Equal(10, most);
        Assert.Equal(100, world.Lines.Count(line => line.EndsWith(": Cycling", StringComparison.Ordinal)));
        Assert.True(world.State.CyclesDue.IsEmpty);
    }

    [Fact]
    public void The_same_seed_gives_the_same_year_and_dynos_do_not_cycle_together()
    {
        var (one, two) = (Days(), Days());

        Assert.Equal(one, two);
        Assert.True(one.Distinct().Count() > 95);
        Assert.All(one, day => Assert.InRange(day, TimeSpan.FromHours(24), Longest));

        static List<TimeSpan> Days()
        {
            var world = new SupervisorWorld();
            world.Resume(Release(1), Formation(worker: 100));
            world.Settle();
            return [.. world.Effects.OfType<SupervisorEffect.SetTimer>().Where(set => set.Timer.Kind == TimerKind.Life).Select(set => set.Due)];
        }
    }

    private void Run(Formation formation)
    {
        _world.Resume(Release(1), formation);
        _world.Settle();
    }
}
