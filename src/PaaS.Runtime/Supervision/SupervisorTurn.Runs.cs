using System.Collections.Immutable;
using System.Net;
using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The life of one start of a dyno: what <see cref="DynoLifecycle"/> says, carried out.</content>
internal sealed partial class SupervisorTurn
{
    private readonly List<long> _retired = [];

    private TimeSpan StopGrace => _state.ShutdownGrace ?? _state.Options.StopGrace;

    private DynoRun Launch(DynoName name, RunningRelease release, Formation formation)
    {
        var number = TakeNumber();
        var run = new DynoRun
        {
            Number = number,
            Id = DynoIds.Of(_state.Seed, number),
            Name = name,
            Release = release,
            Command = release.Slug.ProcessTypes[name.Type],
            Size = SizeOf(name.Type, formation),
            LaunchedAt = now,
        };
        Set(run);
        Log(run, DynoLines.Starting(run.Command));
        Emit(new SetTimer(new(TimerKind.Launch, number), _state.Options.LaunchTimeout));
        Emit(new StartDyno(run));
        return run;
    }

    /// <summary>Something has happened to a start: moves it on and does what its life cycle asks for.</summary>
    private void Happen(long number, DynoHappening happening, Circumstances? circumstances = null)
    {
        if (!_state.Runs.TryGetValue(number, out var run))
        {
            return;
        }

        var step = DynoLifecycle.Step(run.Kind, run.Phase, happening);
        if (!step.IsMeaningful)
        {
            return;
        }

        Set(run with { Phase = step.Next });
        ChangeTimers(run, step.Next, happening);
        foreach (var action in step.Actions)
        {
            Do(action, number, circumstances ?? Circumstances.None);
        }
    }

    private void Do(DynoAction action, long number, Circumstances circumstances)
    {
        var run = _state.Runs[number];
        switch (action)
        {
            case DynoAction.CancelStart:
                Emit(new CancelStart(number));
                break;
            case DynoAction.WatchReady:
                Emit(new WatchReady(number));
                break;
            case DynoAction.Rise:
                Rise(run);
                break;
            case DynoAction.GiveUp:
            case DynoAction.End:
                End(run, circumstances);
                break;
            case DynoAction.Retire:
                _retired.Add(number);
                break;
            case DynoAction.Expire:
                Emit(new Expire(number));
                Emit(new SetTimer(new(TimerKind.Expiry, number), SupervisorOptions.ExpiryTime));
                break;
            case DynoAction.Cycle:
                _state = _state with { CyclesDue = _state.CyclesDue.Add(number) };
                break;
            case DynoAction.Terminate:
                Emit(new SignalTerm(number));
                break;
            case DynoAction.Kill:
                Emit(new KillTree(number));
                break;
            case DynoAction.Remove:
                Emit(new DisposeDyno(number));
                break;
            case DynoAction.Forget:
                Forget(run);
                break;
            default:
                Tell(action, run, circumstances);
                break;
        }
    }

    private void Tell(DynoAction action, DynoRun run, Circumstances circumstances)
    {
        switch (action)
        {
            case DynoAction.LogStartFailure:
                Log(run, circumstances.Reason!);
                break;
            case DynoAction.LogBootTimeout:
                TellBootTimeout(run, circumstances);
                break;
            case DynoAction.LogUnhealthy:
                Set(run with { Failure = circumstances.Reason });
                Log(run, circumstances.Reason!);
                break;
            case DynoAction.LogExitTimeout:
                Log(run, DynoLines.ExitTimeout(StopGrace));
                break;
            case DynoAction.LogOverMemory:
                Log(run, DynoLines.Memory(run.MemoryBytes, run.Size));
                Log(run, DynoLines.MemoryExceeded);
                break;
            case DynoAction.LogVastlyOverMemory:
                // One that the kernel killed between two samples was over its limit, whatever it used before.
                var factor = _state.Options.MemoryKillFactor;
                Set(run with { Failure = DynoLines.KilledForMemory(run, factor) });
                Log(run, DynoLines.Memory(Math.Max(run.MemoryBytes, (long)(run.Size.MemoryBytes * factor)), run.Size));
                Log(run, DynoLines.MemoryVastlyExceeded);
                break;
            case DynoAction.LogOverDisk:
                Set(run with { Failure = DynoLines.KilledForDisk(run) });
                Log(run, DynoLines.DiskExceeded);
                break;
            case DynoAction.LogTerm:
                Log(run, DynoLines.StoppingWithTerm);
                break;
            case DynoAction.LogKill:
                Log(run, DynoLines.StoppingWithKill);
                break;
            case DynoAction.LogKillRest:
                Log(run, DynoLines.StoppingRestWithKill);
                break;
            case DynoAction.LogExit:
                Log(run, DynoLines.Exited(circumstances.Status));
                break;
            default:
                throw new NotSupportedException($"A dyno of the formation has no {action}.");
        }
    }

    /// <summary>R10. Heroku gives no SIGTERM here: the process never got to work.</summary>
    private void TellBootTimeout(DynoRun run, Circumstances circumstances)
    {
        var limit = _state.Options.BootTimeout;
        var wrongPort = DynoLines.WrongPort(run, circumstances.Listening);
        var listens = run.Address is { } address && !circumstances.Listening.IsDefaultOrEmpty && circumstances.Listening.Any(endpoint => endpoint.Port == address.Port);
        var unhealthy = listens && run.HealthCheck is { } check ? DynoLines.NeverHealthy(run, check, limit) : null;
        Set(run with { Failure = wrongPort ?? unhealthy ?? DynoLines.NeverListened(run, limit) });
        Log(run, DynoLines.BootTimeout(limit));
        if ((wrongPort ?? unhealthy) is { } why)
        {
            Log(run, why);
        }
    }

    private void Rise(DynoRun run)
    {
        Set(run = run with { UpSince = now });
        if (run.Listens)
        {
            _state = _state with { QuietSince = now };
        }

        if (HolderOf(run) is { } dyno)
        {
            Set(Turn(dyno, DynoTurn.Rise) with { IsCycling = false });
        }
        else
        {
            Log(run, DynoLines.Changed(DynoState.Starting, DynoState.Up));
        }

        NoteProgress(run);
    }

    /// <summary>A start has failed or ended: what that means depends on whose it was; nothing, if nobody wanted it any more.</summary>
    private void End(DynoRun run, Circumstances circumstances)
    {
        var swap = _state.Swap;
        var isCandidate = swap?.Candidates.GetValueOrDefault(run.Name) == run.Number;
        var dyno = HolderOf(run);
        if (!isCandidate && dyno is null)
        {
            return;
        }

        var wrongPort = run.Failure is null && run.UpSince is null ? DynoLines.WrongPort(run, circumstances.Listening) : null;
        if (wrongPort is not null)
        {
            Log(run, wrongPort);
        }

        var reason = run.Failure ?? wrongPort ?? circumstances.Reason ?? DynoLines.ExitedEarly(run, circumstances.Status);
        if (isCandidate)
        {
            var state = run.UpSince is null ? DynoState.Starting : DynoState.Up;
            Log(run, DynoLines.Changed(state, DynoStates.Next(run.Kind, state, DynoTurn.End)));
            FailSwap(run, reason);
        }
        else if (run.UpSince is null && swap is { JudgesOthers: true } && swap.Awaited.Contains(run.Name) && ReferenceEquals(run.Release, swap.Release))
        {
            Set(Turn(dyno!, DynoTurn.End) with { Run = null });
            FailSwap(run, reason);
        }
        else
        {
            Crash(dyno!, run);
        }
    }

    private void Forget(DynoRun run)
    {
        _state = _state with { Runs = _state.Runs.Remove(run.Number) };
        if (_state.Dynos.TryGetValue(run.Name, out var dyno))
        {
            TryLaunch(dyno);
        }
    }

    /// <summary>Takes a start that is no longer wanted out of service, by the long way: route table, requests, SIGTERM, SIGKILL.</summary>
    private void Leave(DynoRun run) => Happen(run.Number, DynoHappening.Unwanted);

    private void OnMeasured(SupervisorMessage.Measured measured)
    {
        if (!_state.Runs.TryGetValue(measured.Run, out var run) || !DynoLifecycle.IsLive(run.Phase))
        {
            return;
        }

        Set(run with { MemoryBytes = measured.MemoryBytes });
        if (measured.OutOfMemoryKills > 0 || measured.MemoryBytes > run.Size.MemoryBytes * _state.Options.MemoryKillFactor)
        {
            Happen(run.Number, DynoHappening.VastlyOverMemory);
        }
        else if (measured.MemoryBytes > run.Size.MemoryBytes)
        {
            Happen(run.Number, DynoHappening.OverMemory);
        }
    }

    private void OnStarted(SupervisorMessage.Started started)
    {
        if (_state.Runs.TryGetValue(started.Run, out var run) && run.Phase == DynoPhase.Launching)
        {
            Set(run with { Address = started.Address });
        }

        Happen(started.Run, DynoHappening.Started);
    }

    private FormationDyno? HolderOf(DynoRun run) =>
        _state.Dynos.TryGetValue(run.Name, out var dyno) && dyno.Run == run.Number ? dyno : null;

    private static DynoSize SizeOf(ProcessType type, Formation formation) => formation.TryGet(type, out var entry) ? entry.Size : default;

    /// <summary>What is known about a happening besides that it has happened.</summary>
    private sealed record Circumstances(int Status = 0, string? Reason = null, ImmutableArray<IPEndPoint> Listening = default)
    {
        public static Circumstances None { get; } = new();
    }
}
