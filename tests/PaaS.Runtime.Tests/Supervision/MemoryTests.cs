using PaaS.Core;
using PaaS.Runtime;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

public class MemoryTests
{
    private readonly SupervisorWorld _world = new();

    [Fact]
    public void Memory_over_its_quota_is_R14_at_each_sample_while_it_lasts()
    {
        var dyno = Run(web: 1);

        _world.Measure(dyno, 512);
        Assert.Empty(_world.Lines);
        _world.Measure(dyno, 540);
        _world.Measure(dyno, 1024);
        _world.Measure(dyno, 300);

        Assert.Equal(
            [
                "web.1: Process running mem=540MB(105.5%)",
                "web.1: Error R14 (Memory quota exceeded)",
                "web.1: Process running mem=1024MB(200.0%)",
                "web.1: Error R14 (Memory quota exceeded)",
            ],
            _world.Lines);
        Assert.Null(dyno.Signal);
    }

    [Fact]
    public void Memory_vastly_over_its_quota_is_R15_killed_at_once_crashed_and_started_again()
    {
        var dyno = Run(web: 1);

        _world.Measure(dyno, 1029);
        Assert.Equal(ProcessSignal.Kill, dyno.Signal);
        Assert.Empty(_world.Routed);
        _world.Settle();

        Assert.Equal(
            [
                "web.1: Process running mem=1029MB(201.0%)",
                "web.1: Error R15 (Memory quota vastly exceeded)",
                "web.1: Stopping process with SIGKILL",
                "web.1: Process exited with status 137",
                "web.1: State changed from up to crashed",
                "web.1: State changed from crashed to starting",
                "web.1: Starting process with command `run web v1`",
                "web.1: State changed from starting to up",
            ],
            _world.Lines);
    }

    [Fact]
    public void A_web_dyno_killed_for_its_memory_is_removed_when_its_requests_have_let_go_of_it()
    {
        var dyno = Run(web: 1);

        _world.Measure(dyno, 2000);
        Assert.True(dyno.IsRetired);
        _world.Exit(dyno, 137);
        Assert.False(dyno.MayGo);
        _world.Drained(dyno);

        Assert.True(dyno.MayGo);
    }

    [Fact]
    public void One_that_the_kernel_killed_for_its_memory_is_R15_too()
    {
        var dyno = Run(worker: 1);

        _world.Exit(dyno, new ProcessExit(137, ProcessExitReason.OutOfMemory));
        _world.Settle();

        Assert.Equal(["worker.1: Process running mem=1024MB(200.0%)", "worker.1: Error R15 (Memory quota vastly exceeded)", "worker.1: Stopping process with SIGKILL"], _world.Lines.Take(3));
        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_dyno_of_which_the_kernel_killed_one_process_is_killed_whole()
    {
        var dyno = Run(worker: 1);

        _world.Measure(dyno, 100, kills: 1);

        Assert.Equal(ProcessSignal.Kill, dyno.Signal);
        Assert.Contains("worker.1: Error R15 (Memory quota vastly exceeded)", _world.Lines);
    }

    [Fact]
    public void Crashes_for_memory_wait_for_their_back_off()
    {
        Run(worker: 1);
        for (var crash = 1; crash <= 2; crash++)
        {
            _world.Measure(_world.Newest("worker.1"), 2000);
            _world.Settle();
        }

        Assert.Equal(DynoState.Crashed, _world.Shown("worker.1").State);
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Settle();
        Assert.Equal(DynoState.Up, _world.Shown("worker.1").State);
    }

    [Fact]
    public void A_full_disk_crashes_the_dyno_and_says_so()
    {
        var dyno = Run(worker: 1);

        _world.Exit(dyno, new ProcessExit(137, ProcessExitReason.OutOfDisk));

        Assert.StartsWith("worker.1: Error (Disk quota exceeded) -> ", _world.Lines[0], StringComparison.Ordinal);
        Assert.Equal("worker.1: State changed from up to crashed", _world.Lines[3]);
    }

    [Fact]
    public void A_new_dyno_that_dies_of_its_memory_fails_the_swap_with_that_reason()
    {
        var deploy = _world.Deploy(Release(1), Formation(web: 1));
        var dyno = _world.Newest("web.1");
        _world.Started(dyno);

        _world.Exit(dyno, new ProcessExit(137, ProcessExitReason.OutOfMemory));

        Assert.Equal("web.1 used more than 2 times its memory quota of 512 MB (R15). Make it use less, or give it a larger size", _world.Verdicts[deploy].Reason);
    }

    private WorldDyno Run(int web = 0, int worker = 0)
    {
        _world.Resume(Release(1), Formation(web, worker));
        _world.Settle();
        _world.Lines.Clear();
        return _world.Newest(web > 0 ? "web.1" : "worker.1");
    }
}
