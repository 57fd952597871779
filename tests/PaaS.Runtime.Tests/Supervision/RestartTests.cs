using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class RestartTests
{
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void Restarts_that_wait_are_one_and_deploys_go_first()
    {
        Run(Release(1), Formation(web: 1, worker: 2));
        var first = _world.Deploy(Release(2), Formation(web: 1, worker: 2));
        var restarts = Enumerable.Range(0, 100).Select(which => _world.Restart(which == 50 ? DynoSelector.OfType(ProcessType.Worker) : DynoSelector.One(new(ProcessType.Worker, 1 + (which % 2))))).ToArray();
        var second = _world.Deploy(Release(3), Formation(web: 1, worker: 2));
        var last = _world.Restart(DynoSelector.One(DynoName.Parse("worker.1")));

        Assert.Equal([SwapKind.Deploy, SwapKind.Restart], _world.State.Queue.Select(request => request.Kind));
        Assert.Equal(DynoSelector.OfType(ProcessType.Worker), Assert.Single(_world.State.Queue[1].Selectors));
        _world.Settle();

        Assert.All([first, second, last, .. restarts], operation => Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(operation)));
        Assert.Equal([first, second], _world.Verdicts.Keys.Where(operation => operation >= first && operation != last && !restarts.Contains(operation)));
        Assert.Equal(2, _world.Lines.Count(line => line.EndsWith(": Restarting", StringComparison.Ordinal)));
        Assert.All(_world.State.ToSnapshots(), dyno => Assert.Equal(3, dyno.Release.Number));
    }

    [Fact]
    public void A_restart_means_the_dynos_of_all_that_wait_for_it()
    {
        Run(Release(1), Formation(web: 2, worker: 1));
        _world.Deploy(Release(2), Formation(web: 2, worker: 1));
        _world.Restart(DynoSelector.One(DynoName.Parse("web.2")));
        _world.Restart(DynoSelector.OfType(ProcessType.Worker));
        _world.Settle();
        Assert.Equal(["web.2: Restarting", "worker.1: Restarting"], _world.Lines.Where(line => line.EndsWith(": Restarting", StringComparison.Ordinal)).Order());

        _world.Deploy(Release(3), Formation(web: 2, worker: 1));
        _world.Restart(DynoSelector.OfType(ProcessType.Worker));
        _world.Restart(DynoSelector.All);
        Assert.Equal(DynoSelector.All, Assert.Single(_world.State.Queue[^1].Selectors));
    }

    [Fact]
    public void A_failed_restart_says_that_the_old_dynos_are_up()
    {
        Run(Release(1), Formation(web: 3));
        _world.Restart(DynoSelector.All);
        _world.Settle();
        _world.Lines.Clear();
        _world.Restart(DynoSelector.All);
        _world.Started(_world.Newest("web.1"));
        _world.Ready(_world.Newest("web.1"));
        _world.StartFailed(_world.Newest("web.2"));
        _world.Settle();

        foreach (var name in new[] { "web.1", "web.2", "web.3" })
        {
            Assert.EndsWith("to up", _world.Lines.Last(line => line.StartsWith($"{name}: State changed", StringComparison.Ordinal)), StringComparison.Ordinal);
        }

        Assert.Contains("web.2: State changed from crashed to up", _world.Lines);
        Assert.Contains("web.3: State changed from starting to up", _world.Lines);
    }

    private void Run(RunningRelease release, Formation formation)
    {
        var deploy = _world.Deploy(release, formation);
        _world.Settle();
        Assert.Equal(SwapStatus.Succeeded, _world.VerdictOf(deploy));
    }
}
