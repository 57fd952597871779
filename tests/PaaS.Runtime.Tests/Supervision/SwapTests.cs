using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class SwapTests
{
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void A_first_deploy_is_good_when_every_web_dyno_listens()
    {
        var deploy = _world.Deploy(Release(1), Formation(web: 2));
        _world.Started(_world.Newest("web.1"));
        _world.Started(_world.Newest("web.2"));
        _world.Ready(_world.Newest("web.1"));
        Assert.Null(_world.VerdictOf(deploy));
        Assert.Empty(_world.Routed);
        Assert.Equal(WebState.Starting, _world.Route.Web);

        _world.Ready(_world.Newest("web.2"));

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(["web.1", "web.2"], _world.Routed.Select(dyno => dyno.Name));
        Assert.Equal(WebState.Up, _world.Route.Web);
    }

    [Fact]
    public void The_new_web_dynos_enter_the_table_in_the_moment_the_old_ones_leave_it()
    {
        Run(Release(1), Formation(web: 2));
        _world.Deploy(Release(2), Formation(web: 2));
        Assert.All(_world.Routed, dyno => Assert.Equal(1, dyno.Version));
        var published = _world.Effects.OfType<SupervisorEffect.PublishRoute>().Count();

        _world.Started(_world.Newest("web.1"));
        _world.Started(_world.Newest("web.2"));
        _world.Ready(_world.Newest("web.1"));
        _world.Ready(_world.Newest("web.2"));

        Assert.Equal([2, 2], _world.Routed.Select(dyno => dyno.Version));
        Assert.Equal(published + 1, _world.Effects.OfType<SupervisorEffect.PublishRoute>().Count());
    }

    [Fact]
    public void An_old_web_dyno_gets_its_SIGTERM_when_its_last_request_has_ended()
    {
        var old = Swap();
        Assert.True(old.IsRetired);
        Assert.Null(old.Signal);

        _world.Drained(old);

        Assert.Equal(ProcessSignal.Terminate, old.Signal);
    }

    [Fact]
    public void Requests_that_do_not_end_in_the_time_to_drain_are_ended_and_then_the_old_web_dyno_gets_its_SIGTERM()
    {
        var old = Swap();

        _world.Advance(TimeSpan.FromSeconds(29));
        Assert.False(old.IsExpired);
        _world.Advance(TimeSpan.FromSeconds(1));
        Assert.True(old.IsExpired);
        Assert.Null(old.Signal);
        _world.Drained(old);

        Assert.Equal(ProcessSignal.Terminate, old.Signal);
    }

    [Fact]
    public void A_router_that_does_not_end_the_requests_of_an_old_web_dyno_cannot_keep_it()
    {
        var old = Swap();
        _world.Advance(TimeSpan.FromSeconds(30));

        _world.Advance(SupervisorOptions.ExpiryTime);

        Assert.Equal(ProcessSignal.Terminate, old.Signal);
    }

    [Fact]
    public void The_other_types_are_swapped_after_the_verdict_old_before_new()
    {
        Run(Release(1), Formation(web: 1, worker: 1));
        var old = _world.Newest("worker.1");
        _world.Deploy(Release(2), Formation(web: 1, worker: 1));
        Assert.Null(old.Signal);

        _world.Started(_world.Newest("web.1"));
        _world.Ready(_world.Newest("web.1"));
        Assert.Equal(ProcessSignal.Terminate, old.Signal);
        Assert.Same(old, _world.Newest("worker.1"));
        _world.Exit(old, 143);
        Assert.Same(old, _world.Newest("worker.1"));
        _world.Gone(old);

        Assert.Equal(2, _world.Newest("worker.1").Version);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("exit")]
    [InlineData("boot")]
    public void One_new_web_dyno_that_fails_changes_nothing(string how)
    {
        Run(Release(1), Formation(web: 2, worker: 1));
        var serving = _world.Routed.ToArray();
        var deploy = _world.Deploy(Release(2), Formation(web: 3, worker: 0));
        var (one, two) = (_world.Newest("web.1"), _world.Newest("web.2"));
        _world.Started(one);
        _world.Ready(one);

        switch (how)
        {
            case "start":
                _world.StartFailed(two);
                break;
            case "exit":
                _world.Started(two);
                _world.Exit(two, 0);
                break;
            default:
                _world.Started(two);
                _world.Advance(TimeSpan.FromSeconds(60));
                _world.Exit(two, 137);
                break;
        }

        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(deploy));
        Assert.Equal(ProcessSignal.Terminate, one.Signal);
        _world.Settle();
        Assert.Equal(serving, _world.Routed);
        Assert.Equal(["web.1", "web.2", "worker.1"], _world.State.ToSnapshots().Select(dyno => dyno.Name.ToString()));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal((DynoState.Up, 1), (dyno.State, dyno.Release.Number)));
        Assert.Equal(3, _world.State.Runs.Count);
    }

    [Fact]
    public void A_new_web_dyno_that_ends_after_it_was_ready_but_before_the_others_were_fails_the_swap()
    {
        Run(Release(1), Formation(web: 2));
        var deploy = _world.Deploy(Release(2), Formation(web: 2));
        _world.Started(_world.Newest("web.1"));
        _world.Ready(_world.Newest("web.1"));

        _world.Exit(_world.Newest("web.1"), 0);

        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(deploy));
        Assert.Equal("web.1: State changed from up to crashed", _world.Lines[^1]);
    }

    [Fact]
    public void A_web_dyno_that_does_not_listen_in_time_is_R10()
    {
        var deploy = _world.Deploy(Release(1), Formation(web: 1));
        var dyno = _world.Newest("web.1");
        _world.Started(dyno);

        _world.Advance(TimeSpan.FromSeconds(60), 3000);
        _world.Exit(dyno, 137);

        Assert.Equal($"web.1 listens on port 3000, not on $PORT ({dyno.Port})", _world.Verdicts[deploy].Reason);
        Assert.Equal(
            [
                "web.1: Starting process with command `run web v1`",
                "web.1: Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch",
                $"web.1: web.1 listens on port 3000, not on $PORT ({dyno.Port})",
                "web.1: Stopping process with SIGKILL",
                "web.1: Process exited with status 137",
                "web.1: State changed from starting to crashed",
            ],
            _world.Lines);
    }

    [Fact]
    public void A_web_dyno_that_ends_before_it_listens_says_so_with_its_status()
    {
        var deploy = _world.Deploy(Release(1), Formation(web: 1));
        var dyno = _world.Newest("web.1");
        _world.Started(dyno);

        _world.Exit(dyno, 1);

        Assert.Equal($"web.1 exited with status 1 before it listened on $PORT ({dyno.Port})", _world.Verdicts[deploy].Reason);
        Assert.Equal("web.1", _world.Verdicts[deploy].Failed!.Name.ToString());
        Assert.Equal(WebState.Blank, _world.Route.Web);
    }

    [Fact]
    public void Without_web_dynos_the_start_of_the_others_is_the_verdict()
    {
        var deploy = _world.Deploy(Release(1), Formation(worker: 2));
        _world.Started(_world.Newest("worker.1"));
        Assert.Null(_world.VerdictOf(deploy));

        _world.Started(_world.Newest("worker.2"));

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(WebState.None, _world.Route.Web);
    }

    [Fact]
    public void Without_web_dynos_a_failed_start_brings_the_old_release_back()
    {
        Run(Release(1), Formation(worker: 1));
        var deploy = _world.Deploy(Release(2), Formation(worker: 1));
        var old = _world.Newest("worker.1");
        _world.Exit(old, 143);
        _world.Gone(old);

        _world.StartFailed(_world.Newest("worker.1"));
        _world.Settle();

        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(deploy));
        Assert.Equal(1, _world.Newest("worker.1").Version);
        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void With_nothing_to_run_the_verdict_is_good_at_once()
    {
        var deploy = _world.Deploy(Release(1), Formation());

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(WebState.None, _world.Route.Web);
    }

    [Fact]
    public void A_second_deploy_waits_for_the_verdict_of_the_first()
    {
        var first = _world.Deploy(Release(1), Formation(web: 1));
        var second = _world.Deploy(Release(2), Formation(web: 1));
        Assert.Single(_world.Dynos);

        _world.Started(_world.Newest("web.1"));
        _world.Exit(_world.Newest("web.1"));
        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(first));
        Assert.Null(_world.VerdictOf(second));
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(second));
        Assert.Equal(2, _world.Routed.Single().Version);
    }

    [Fact]
    public void A_restart_starts_the_new_web_dyno_before_the_old_one_stops_and_keeps_the_old_one_if_that_fails()
    {
        Run(Release(1), Formation(web: 2));
        var old = _world.Newest("web.1");
        var restart = _world.Restart(DynoSelector.One(DynoName.Parse("web.1")));
        var next = _world.Newest("web.1");
        _world.Started(next);
        _world.Exit(next);
        _world.Settle();
        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(restart));
        Assert.Contains(old, _world.Routed);

        restart = _world.Restart(DynoSelector.One(DynoName.Parse("web.1")));
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(restart));
        Assert.DoesNotContain(old, _world.Routed);
        Assert.Equal(["web.1", "web.2"], _world.Routed.Select(dyno => dyno.Name));
        Assert.Contains("web.1: Restarting", _world.Lines);
    }

    [Fact]
    public void A_restart_of_a_worker_logs_as_Heroku_does()
    {
        Run(Release(1), Formation(worker: 1));
        _world.Lines.Clear();

        _world.Restart(DynoSelector.OfType(ProcessType.Worker));
        _world.Settle();

        Assert.Equal(
            [
                "worker.1: Restarting",
                "worker.1: State changed from up to starting",
                "worker.1: Stopping all processes with SIGTERM",
                "worker.1: Process exited with status 143",
                "worker.1: Starting process with command `run worker v1`",
                "worker.1: State changed from starting to up",
            ],
            _world.Lines);
    }

    [Fact]
    public void Another_size_replaces_the_dynos_by_a_swap()
    {
        Run(Release(1), Formation(web: 1, worker: 1));
        var old = _world.Newest("web.1");

        _world.Scale(Formation(web: 1, worker: 1, DynoSize.PerformanceL));
        Assert.Contains(old, _world.Routed);
        _world.Settle();

        Assert.DoesNotContain(old, _world.Routed);
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(DynoSize.PerformanceL, dyno.Size));
        Assert.Equal(4, _world.Dynos.Count);
    }

    [Fact]
    public void A_change_of_size_that_fails_is_tried_again_later()
    {
        Run(Release(1), Formation(web: 1));
        _world.Scale(Formation(web: 1, size: DynoSize.PerformanceL));
        _world.StartFailed(_world.Newest("web.1"));
        _world.Settle();
        Assert.Equal(DynoSize.Standard1X, _world.Shown("web.1").Size);

        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Settle();

        Assert.Equal(DynoSize.PerformanceL, _world.Shown("web.1").Size);
        Assert.False(_world.HasTimers);
    }

    [Fact]
    public void Scaling_during_a_deploy_changes_what_the_deploy_waits_for()
    {
        Run(Release(1), Formation(web: 1));
        var deploy = _world.Deploy(Release(2), Formation(web: 1));
        _world.Scale(Formation(web: 2));
        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal([2, 2], _world.Routed.Select(dyno => dyno.Version));
    }

    [Fact]
    public void Scaling_to_zero_ends_a_deploy_that_never_gets_ready()
    {
        Run(Release(1), Formation(web: 1));
        var deploy = _world.Deploy(Release(2), Formation(web: 1));
        _world.Started(_world.Newest("web.1"));

        _world.Scale(Formation(web: 0));

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.Equal(WebState.None, _world.Route.Web);
        _world.Settle();
        Assert.Empty(_world.State.Runs);
    }

    [Fact]
    public void A_type_that_vanished_from_the_slug_is_stopped_at_the_verdict()
    {
        Run(Release(1), Formation(web: 1, worker: 1));

        Run(Release(2, "web"), Formation(web: 1, worker: 1));

        Assert.Equal("web.1", Assert.Single(_world.State.ToSnapshots()).Name.ToString());
    }

    private void Run(RunningRelease release, Formation formation)
    {
        var deploy = _world.Deploy(release, formation);
        _world.Settle();
        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
    }

    /// <summary>Deploys over a serving web dyno; gives the old one, just out of the table.</summary>
    private WorldDyno Swap()
    {
        Run(Release(1), Formation(web: 1));
        var old = _world.Newest("web.1");
        _world.Deploy(Release(2), Formation(web: 1));
        _world.Started(_world.Newest("web.1"));
        _world.Ready(_world.Newest("web.1"));
        return old;
    }
}
