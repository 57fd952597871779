using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class EngineFailureTests
{
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void A_start_that_the_engine_hangs_in_fails_the_deploy_with_R99()
    {
        Run(Release(1), Formation(web: 1));
        var old = _world.Newest("web.1");
        var deploy = _world.Deploy(Release(2), Formation(web: 1));
        var hanging = _world.Newest("web.1");
        _world.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Null(_world.VerdictOf(deploy));
        _world.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((SwapStatus.Failed, "Error R99 (Platform error) -> Failed to launch the dyno within 300 seconds"), (_world.Verdicts[deploy].Status, _world.Verdicts[deploy].Reason));
        Assert.Contains(_world.Effects, effect => effect is SupervisorEffect.CancelStart cancel && cancel.Run == hanging.Number);
        Assert.Contains(old, _world.Routed);
        _world.Settle();
        Assert.Equal(ProcessSignal.Terminate, hanging.Signal);
        Assert.Equal([old.Number], _world.State.Runs.Keys);
    }

    [Fact]
    public void A_worker_whose_start_the_engine_hangs_in_has_no_other_beside_it()
    {
        var deploy = _world.Deploy(Release(1, "worker"), Formation(worker: 1));
        var hanging = _world.Newest("worker.1");
        _world.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SwapStatus.Failed, _world.VerdictOf(deploy));
        deploy = _world.Deploy(Release(2, "worker"), Formation(worker: 1));
        Assert.Same(hanging, _world.Newest("worker.1"));

        _world.Settle();

        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
        Assert.True(hanging.IsGone);
    }

    [Fact]
    public void SIGKILL_is_repeated_as_long_as_the_dyno_runs()
    {
        Run(Release(1), Formation(worker: 1));
        var stubborn = _world.Newest("worker.1");
        stubborn.LostKills = 2;
        stubborn.IsTermLost = true;
        _world.Scale(Formation());

        _world.Advance(TimeSpan.FromSeconds(49));
        _world.Settle();
        Assert.True(stubborn is { IsKilled: true, IsRunning: true });
        _world.Advance(TimeSpan.FromSeconds(1));
        _world.Settle();

        Assert.True(stubborn.IsGone);
        Assert.False(_world.HasTimers);
    }

    private void Run(RunningRelease release, Formation formation)
    {
        var deploy = _world.Deploy(release, formation);
        _world.Settle();
        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
    }
}
