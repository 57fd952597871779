using PaaS.Core;
using PaaS.Runtime;
using PaaS.Testing;
using static PaaS.Runtime.Tests.SupervisorWorld;

namespace PaaS.Runtime.Tests;

/// <summary>The shells over an engine that hangs or fails: nothing waits for ever, and no dyno runs beside what is left of it.</summary>
public sealed class FaultyEngineTests : IAsyncDisposable
{
    private static readonly TimeSpan Unexpected = TimeSpan.FromSeconds(30);
    private readonly ManualTimeProvider _time = new();
    private readonly HeldTimers _timers;
    private readonly FaultyEngine _engine = new();
    private readonly LogStream _logs;
    private readonly SupervisedApp _app = new(AppId.New(), AppName.Parse("floating-dragon-42"), ["floating-dragon-42.localhost"], null);
    private readonly DynoSupervisor _supervisor;
    private readonly OneOffDynos _oneOffs;

    public FaultyEngineTests()
    {
        _timers = new HeldTimers(_time);
        _logs = new LogStream(_time);
        _supervisor = new(_app, _engine, new RouteTable(), _logs, new SupervisorOptions { MeasureInterval = TimeSpan.FromMinutes(59) }, time: _timers, random: new ScriptedRandom(7));
        _oneOffs = new(_app, _engine, _logs, time: _timers, random: new ScriptedRandom(7));
    }

    public async ValueTask DisposeAsync()
    {
        var ends = Task.WhenAll(_supervisor.ShutDownAsync(), _oneOffs.ShutDownAsync());
        await Until(() =>
        {
            // What hangs is given up when the shutdown's own time is over.
            _time.Advance(TimeSpan.FromSeconds(1));
            return ends.IsCompleted;
        });
    }

    [Fact]
    public async Task An_engine_that_hangs_and_hears_nothing_fails_the_deploy_with_R99_after_five_minutes()
    {
        _engine.HangsInPrepare = true;
        var deploy = _supervisor.DeployAsync(Release(1), Formation(web: 1));
        await Until(() => _timers.Has(TimeSpan.FromMinutes(5)));
        _time.Advance(TimeSpan.FromMinutes(5));
        await Until(() =>
        {
            // The last lines of what hangs are not waited for longer than a moment.
            _time.Advance(TimeSpan.FromSeconds(1));
            return deploy.IsCompleted;
        });

        Assert.Equal("Error R99 (Platform error) -> Failed to launch the dyno within 300 seconds", (await deploy).Reason);
    }

    [Fact]
    public async Task An_engine_that_hangs_and_hears_nothing_fails_a_one_off_with_R99()
    {
        _engine.HangsInPrepare = true;
        var dyno = await _oneOffs.StartAsync(new OneOffSpec { Type = ProcessType.Release, Release = Release(1), Command = "migrate" });
        await Until(() => _timers.Has(TimeSpan.FromMinutes(5)));
        _time.Advance(TimeSpan.FromMinutes(5));

        var result = await dyno.Completed.WaitAsync(Unexpected);

        Assert.Equal((126, "Error R99 (Platform error) -> Failed to launch the dyno within 300 seconds"), (result.Status, result.Reason));
    }

    [Fact]
    public async Task A_kill_that_fails_is_repeated()
    {
        _engine.Engine.Script = _ => DynoScript.IgnoresTerm;
        _engine.FailingKills = 2;
        await _supervisor.DeployAsync(Release(1, "worker"), Formation(worker: 1)).WaitAsync(Unexpected);
        var dyno = _engine.Dynos.Single();
        _supervisor.Scale(Formation());
        await Until(() => _timers.Has(TimeSpan.FromSeconds(30)));
        _time.Advance(TimeSpan.FromSeconds(30));
        for (var kill = 1; kill <= 2; kill++)
        {
            await Until(() => dyno.Kills == kill && _timers.Has(TimeSpan.FromSeconds(10)));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await dyno.Fake.Disposed.WaitAsync(Unexpected);
        Assert.Equal(3, dyno.Kills);
    }

    [Fact]
    public async Task The_next_worker_starts_when_what_is_left_of_the_last_one_is_removed_and_not_before()
    {
        _engine.FailingDisposals = 2;
        await _supervisor.DeployAsync(Release(1, "worker"), Formation(worker: 1)).WaitAsync(Unexpected);
        var first = _engine.Dynos.Single();
        _engine.FailingDisposals = 0;
        first.Fake.Exit(1);
        foreach (var seconds in new[] { 1, 2 })
        {
            await Until(() => first.Disposals == seconds && _timers.Has(TimeSpan.FromSeconds(seconds)));
            Assert.Single(_engine.Dynos);
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }

        await Until(() => _engine.Dynos.Count == 2);
        Assert.Equal(3, first.Disposals);
    }

    [Fact]
    public async Task However_often_a_dyno_crashes_no_timer_is_left_of_its_back_offs()
    {
        await _supervisor.DeployAsync(Release(1, "worker"), Formation(worker: 1)).WaitAsync(Unexpected);
        for (var crash = 1; crash <= 20; crash++)
        {
            await Until(() => _engine.Dynos.Count == crash && _supervisor.Dynos.Single().State == DynoState.Up);
            _engine.Dynos[^1].Fake.Exit(1);
            if (RestartBackoff.Default.DelayAfter(crash) is { Ticks: > 0 } wait)
            {
                await Until(() => _timers.Has(wait));
                _time.Advance(wait);
            }
        }

        // Its day and the observer; a timer that has been handled is no longer held.
        await Until(() => _supervisor.Dynos.Single().State == DynoState.Up && _timers.Count == 2);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Unexpected);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
