using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class SleepTests
{
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void Without_a_request_for_half_an_hour_all_dynos_of_an_eco_app_sleep()
    {
        Run(Eco(web: 1, worker: 1));

        _world.Advance(TimeSpan.FromMinutes(29));
        _world.Use(false);
        Assert.Equal(WebState.Up, _world.Route.Web);
        _world.Advance(TimeSpan.FromMinutes(1));
        _world.Use(false);
        Assert.Equal(WebState.Idle, _world.Route.Web);
        _world.Settle();

        Assert.Equal(
            [
                "web.1: Idling",
                "web.1: State changed from up to down",
                "worker.1: Idling",
                "worker.1: State changed from up to down",
            ],
            _world.Lines.Where(line => line.Contains("dling", StringComparison.Ordinal) || line.Contains("State", StringComparison.Ordinal)));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(DynoState.Idle, dyno.State));
        Assert.Empty(_world.State.Runs);
    }

    [Fact]
    public void A_request_begins_the_half_hour_anew()
    {
        Run(Eco(web: 1));
        _world.Advance(TimeSpan.FromMinutes(29));
        _world.Use(true);
        _world.Advance(TimeSpan.FromMinutes(29));
        _world.Use(false);

        Assert.Equal(WebState.Up, _world.Route.Web);
    }

    [Theory]
    [InlineData(1, "Basic")]
    [InlineData(0, "Eco")]
    public void Dynos_of_other_sizes_and_apps_of_workers_alone_never_sleep(int web, string size)
    {
        Run(Formation(web, worker: 1, DynoSize.Parse(size)));

        _world.Advance(TimeSpan.FromHours(10));
        _world.Use(false);

        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(DynoState.Up, dyno.State));
    }

    [Fact]
    public void Waking_starts_them_and_the_route_says_that_they_start()
    {
        Sleep(Eco(web: 1, worker: 1));
        _world.Lines.Clear();

        _world.Wake();
        Assert.Equal(WebState.Starting, _world.Route.Web);
        _world.Wake();
        _world.Settle();

        Assert.Equal(["web.1: Unidling", "web.1: State changed from down to starting", "web.1: Starting process with command `run web v1`"], _world.Lines.Take(3));
        Assert.Equal(2, _world.State.Runs.Count);
        Assert.Equal(WebState.Up, _world.Route.Web);
    }

    [Fact]
    public void A_worker_that_is_woken_while_it_still_stops_waits_for_its_end()
    {
        Run(Eco(web: 1, worker: 1));
        var old = _world.Newest("worker.1");
        _world.FallAsleep();

        _world.Wake();
        Assert.Same(old, _world.Newest("worker.1"));
        _world.Settle();

        Assert.NotSame(old, _world.Newest("worker.1"));
        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_deploy_wakes_the_dynos_for_its_verdict()
    {
        Sleep(Eco(web: 1, worker: 1));

        var deploy = _world.Deploy(Release(2), Eco(web: 1, worker: 1));
        Assert.Equal(WebState.Starting, _world.Route.Web);
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal((DynoState.Up, 2), (dyno.State, dyno.Release.Number)));
    }

    [Fact]
    public void After_a_deploy_that_fails_they_sleep_on_and_wake_with_the_old_release()
    {
        Sleep(Eco(web: 1));
        var deploy = _world.Deploy(Release(2), Eco(web: 1));
        _world.Started(_world.Newest("web.1"));
        _world.Exit(_world.Newest("web.1"));
        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(deploy));
        Assert.Equal(WebState.Idle, _world.Route.Web);

        _world.Wake();
        _world.Settle();

        Assert.Equal(1, _world.Routed.Single().Version);
    }

    [Fact]
    public void Scaling_leaves_them_asleep_unless_the_new_size_does_not_sleep()
    {
        Sleep(Eco(web: 1));

        _world.Scale(Eco(web: 1, worker: 1));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(DynoState.Idle, dyno.State));
        _world.Scale(Formation(web: 1, worker: 1, DynoSize.Basic));
        _world.Settle();

        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal((DynoState.Up, DynoSize.Basic), (dyno.State, dyno.Size)));
    }

    [Fact]
    public void A_restart_wakes_them_and_a_stop_lets_them_sleep()
    {
        Sleep(Eco(web: 1));
        _world.Stop(DynoSelector.All);
        Assert.Equal(DynoState.Idle, _world.Shown("web.1").State);

        var restart = _world.Restart(DynoSelector.All);
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(restart));
        Assert.Equal(DynoState.Up, _world.Shown("web.1").State);
    }

    [Fact]
    public void With_no_hours_left_nothing_wakes_them_until_they_may_again()
    {
        Run(Eco(web: 1, worker: 1));
        _world.FallAsleep(canWake: false);
        _world.Settle();
        Assert.Equal(WebState.None, _world.Route.Web);
        Assert.Contains("web.1: Idling because quota is exhausted", _world.Lines);

        _world.Wake();
        var deploy = _world.Deploy(Release(2), Eco(web: 1, worker: 1));
        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(2, _world.Shown("web.1").Release.Number);
        Assert.Empty(_world.State.Runs);

        _world.FallAsleep();
        Assert.Equal(WebState.Idle, _world.Route.Web);
        _world.Wake();
        _world.Settle();
        Assert.Equal(2, _world.Routed.Single().Version);
    }

    [Fact]
    public void Hours_that_come_back_in_the_middle_of_a_deploy_wake_the_dynos()
    {
        Run(Eco(web: 1, worker: 1));
        _world.FallAsleep(canWake: false);
        _world.Settle();
        var deploy = _world.Deploy(Release(2), Formation(web: 1, worker: 1, DynoSize.Basic));

        _world.FallAsleep();
        _world.Wake();
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal((DynoState.Up, 2), (dyno.State, dyno.Release.Number)));
        Assert.Null(_world.State.Sleep);
    }

    [Fact]
    public void A_sleep_that_is_asked_for_in_the_middle_of_a_deploy_begins_after_it()
    {
        Run(Eco(web: 1));
        var deploy = _world.Deploy(Release(2), Eco(web: 1));

        _world.FallAsleep();
        Assert.Equal(WebState.Up, _world.Route.Web);
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(DynoState.Idle, _world.Shown("web.1").State);
    }

    private static Formation Eco(int web = 0, int worker = 0) => Formation(web, worker, DynoSize.Eco);

    private void Run(Formation formation)
    {
        _world.Resume(Release(1), formation);
        _world.Settle();
        _world.Lines.Clear();
    }

    private void Sleep(Formation formation)
    {
        Run(formation);
        _world.Advance(TimeSpan.FromMinutes(30));
        _world.Use(false);
        _world.Settle();
        Assert.Equal(WebState.Idle, _world.Route.Web);
    }
}
