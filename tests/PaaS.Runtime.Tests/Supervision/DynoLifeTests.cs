using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class DynoLifeTests
{
    private readonly SupervisorWorld _world = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(137)]
    public void Whatever_its_status_a_dyno_that_ends_has_crashed_and_starts_again(int status)
    {
        Resume(Formation(worker: 1));
        _world.Lines.Clear();
        var first = _world.Newest("worker.1");

        _world.Exit(first, status);
        _world.Settle();

        Assert.Equal(
            [
                $"worker.1: Process exited with status {status}",
                "worker.1: State changed from up to crashed",
                "worker.1: State changed from crashed to starting",
                "worker.1: Starting process with command `run worker v1`",
                "worker.1: State changed from starting to up",
            ],
            _world.Lines);
    }

    [Fact]
    public void Crashes_in_a_row_wait_longer_each_time()
    {
        Resume(Formation(worker: 1));
        foreach (var wait in new[] { 0, 10, 20, 40, 80 })
        {
            var crashed = _world.Newest("worker.1");
            _world.Exit(crashed);
            _world.Settle();
            if (wait > 0)
            {
                Assert.Equal(DynoState.Crashed, _world.Shown("worker.1").State);
                _world.Advance(TimeSpan.FromSeconds(wait - 1));
                Assert.Same(crashed, _world.Newest("worker.1"));
                _world.Advance(TimeSpan.FromSeconds(1));
                _world.Settle();
            }

            Assert.NotSame(crashed, _world.Newest("worker.1"));
            Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
        }
    }

    [Fact]
    public void A_dyno_that_was_up_for_ten_minutes_starts_again_at_once()
    {
        Resume(Formation(worker: 1));
        Crash("worker.1");
        Crash("worker.1");
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Settle();
        _world.Advance(TimeSpan.FromMinutes(10));

        Crash("worker.1");

        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_new_release_begins_the_back_off_anew()
    {
        Resume(Formation(web: 1, worker: 1));
        Crash("worker.1");
        Crash("worker.1");
        Assert.Equal(DynoState.Crashed, _world.Shown("worker.1").State);

        _world.Deploy(Release(2), Formation(web: 1, worker: 1));
        _world.Settle();
        Assert.Equal((DynoState.Up, 2), (_world.Shown("worker.1").State, _world.Shown("worker.1").Release.Number));
        Crash("worker.1");

        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_crashed_web_dyno_leaves_the_table_at_once_and_is_removed_when_its_requests_have_ended()
    {
        Resume(Formation(web: 2));
        var crashed = _world.Newest("web.1");

        _world.Exit(crashed);

        Assert.Equal(["web.2"], _world.Routed.Select(dyno => dyno.Name));
        Assert.True(crashed.IsRetired);
        Assert.False(crashed.MayGo);
        Assert.NotSame(crashed, _world.Newest("web.1"));
        _world.Drained(crashed);
        Assert.True(crashed.MayGo);
    }

    [Fact]
    public void What_a_crashed_web_dyno_has_sent_may_still_be_on_its_way_so_its_requests_have_the_same_time()
    {
        Resume(Formation(web: 2));
        var crashed = _world.Newest("web.1");
        _world.Exit(crashed);

        _world.Advance(TimeSpan.FromSeconds(29));
        Assert.False(crashed.IsExpired);
        _world.Advance(TimeSpan.FromSeconds(1));
        Assert.True(crashed.IsExpired);
        Assert.False(crashed.MayGo);
        _world.Advance(SupervisorOptions.ExpiryTime);

        Assert.True(crashed.MayGo);
    }

    [Fact]
    public void When_every_web_dyno_has_crashed_the_route_says_so()
    {
        Resume(Formation(web: 1));
        Crash("web.1");
        Assert.Equal(WebState.Up, _world.Route.Web);

        Crash("web.1");

        Assert.Equal(WebState.Crashed, _world.Route.Web);
        Assert.Equal(DynoState.Crashed, _world.Shown("web.1").State);
        _world.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(WebState.Starting, _world.Route.Web);
    }

    [Fact]
    public void A_dyno_that_ignores_SIGTERM_is_R12_and_killed()
    {
        Resume(Formation(worker: 1));
        var stubborn = _world.Newest("worker.1");
        _world.Scale(Formation());
        _world.Lines.Clear();

        _world.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ProcessSignal.Kill, stubborn.Signal);
        _world.Settle();

        Assert.Equal(
            [
                "worker.1: Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM",
                "worker.1: Stopping remaining processes with SIGKILL",
                "worker.1: Process exited with status 137",
            ],
            _world.Lines);
        Assert.Empty(_world.State.Runs);
    }

    [Fact]
    public void Scaling_down_stops_the_highest_numbers()
    {
        Resume(Formation(web: 3));

        _world.Scale(Formation(web: 1));
        _world.Settle();

        Assert.Equal(["web.1"], _world.Routed.Select(dyno => dyno.Name));
        Assert.Contains("web.3: State changed from up to down", _world.Lines);
        Assert.Contains("web.2: State changed from up to down", _world.Lines);
    }

    [Fact]
    public void Scaling_up_starts_the_next_numbers_and_each_takes_requests_when_it_is_ready()
    {
        Resume(Formation(web: 1));

        _world.Scale(Formation(web: 3));
        _world.Started(_world.Newest("web.2"));
        _world.Started(_world.Newest("web.3"));
        _world.Ready(_world.Newest("web.3"));

        Assert.Equal(["web.1", "web.3"], _world.Routed.Select(dyno => dyno.Name));
    }

    [Fact]
    public void A_worker_scaled_down_and_up_again_waits_for_the_end_of_the_old_one()
    {
        Resume(Formation(worker: 1));
        var old = _world.Newest("worker.1");
        _world.Scale(Formation());
        _world.Scale(Formation(worker: 1));
        Assert.Same(old, _world.Newest("worker.1"));

        _world.Settle();

        Assert.NotSame(old, _world.Newest("worker.1"));
        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_stopped_dyno_of_the_formation_is_started_again()
    {
        Resume(Formation(web: 1, worker: 1));
        var (web, worker) = (_world.Newest("web.1"), _world.Newest("worker.1"));

        _world.Stop(DynoSelector.All);
        Assert.Equal(DynoState.Down, _world.Shown("worker.1").State);
        Assert.Empty(_world.Routed);
        _world.Settle();

        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(DynoState.Up, dyno.State));
        Assert.NotSame(web, _world.Newest("web.1"));
        Assert.NotSame(worker, _world.Newest("worker.1"));
        Assert.Contains("worker.1: State changed from down to starting", _world.Lines);
    }

    [Fact]
    public void A_stop_of_a_crashed_dyno_starts_it_at_once()
    {
        Resume(Formation(worker: 1));
        Crash("worker.1");
        Crash("worker.1");

        _world.Stop(DynoSelector.OfType(ProcessType.Worker));
        _world.Settle();

        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_start_that_is_no_longer_wanted_is_given_up()
    {
        Resume(Formation(web: 1));
        _world.Scale(Formation(web: 2));
        var starting = _world.Newest("web.2");

        _world.Scale(Formation(web: 1));

        Assert.Contains(_world.Effects, effect => effect is SupervisorEffect.CancelStart cancel && cancel.Run == starting.Number);
        _world.Settle();
        Assert.True(starting.IsGone);
        Assert.Equal(ProcessSignal.Terminate, starting.Signal);
    }

    [Fact]
    public void A_shutdown_stops_everything_and_tells_those_who_wait()
    {
        Resume(Formation(web: 2, worker: 1));
        var deploy = _world.Deploy(Release(2), Formation(web: 2, worker: 1));
        var queued = _world.Deploy(Release(3), Formation(web: 2, worker: 1));
        _world.Started(_world.Newest("web.1"));

        _world.ShutDown();

        Assert.Equal(WebState.None, _world.Route.Web);
        Assert.Empty(_world.Routed);
        Assert.Equal(SwapStatus.Interrupted, _world.VerdictOf(deploy));
        Assert.Equal(SwapStatus.Interrupted, _world.VerdictOf(queued));
        Assert.False(_world.IsShutDown);
        _world.Settle();
        Assert.True(_world.IsShutDown);
        Assert.Equal(SwapStatus.Interrupted, _world.VerdictOf(_world.Deploy(Release(4), Formation(web: 1))));
    }

    [Fact]
    public void Resuming_nothing_leaves_the_app_blank()
    {
        _world.Resume(null, Formation(web: 1));

        Assert.Equal(WebState.Blank, _world.Route.Web);
        Assert.Empty(_world.Dynos);
    }

    [Fact]
    public void Resumed_dynos_that_fail_wait_for_their_back_off_without_a_verdict()
    {
        var resume = _world.Resume(Release(1), Formation(web: 1));
        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(resume));
        _world.StartFailed(_world.Newest("web.1"));
        _world.StartFailed(_world.Newest("web.1"));

        Assert.Equal(DynoState.Crashed, _world.Shown("web.1").State);
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Settle();
        Assert.Equal(DynoState.Up, _world.Shown("web.1").State);
    }

    private void Resume(Formation formation)
    {
        _world.Resume(Release(1), formation);
        _world.Settle();
    }

    private void Crash(string name)
    {
        _world.Exit(_world.Newest(name));
        _world.Settle();
    }
}
