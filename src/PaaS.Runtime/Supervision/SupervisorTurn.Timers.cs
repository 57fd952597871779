using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The timers, and the cycling of dynos whose day is over.</content>
internal sealed partial class SupervisorTurn
{
    private static readonly TimeSpan CycleAgainAfter = TimeSpan.FromMinutes(10);

    /// <summary>A start goes from its phase to the next one: the timers of the old one end, those of the new one begin.</summary>
    private void ChangeTimers(DynoRun run, DynoPhase next, DynoHappening happening)
    {
        var (old, timer) = (DynoLifecycle.TimerOf(run.Phase), DynoLifecycle.TimerOf(next));
        if (old is { } ended && next != run.Phase)
        {
            Emit(new CancelTimer(new(KindOf(ended), run.Number)));
        }

        if (timer is { } begun && (next != run.Phase || begun == happening))
        {
            Emit(new SetTimer(new(KindOf(begun), run.Number), TimeOf(begun)));
        }

        if (DynoLifecycle.IsInUse(run.Phase) && !DynoLifecycle.IsInUse(next))
        {
            Emit(new CancelTimer(new(TimerKind.Drain, run.Number)));
            Emit(new CancelTimer(new(TimerKind.Expiry, run.Number)));
        }

        if (_state.Options.CycleAfter is { } day && DynoLifecycle.IsUp(run.Phase) != DynoLifecycle.IsUp(next))
        {
            var life = new TimerId(TimerKind.Life, run.Number);
            Emit(DynoLifecycle.IsUp(next) ? new SetTimer(life, day + (_state.Options.CycleSpread * DynoIds.Chance(_state.Seed, run.Number))) : new CancelTimer(life));
        }
    }

    private void OnTimer(SupervisorMessage.TimerFired fired)
    {
        var number = fired.Timer.Number;
        switch (fired.Timer.Kind)
        {
            case TimerKind.Backoff:
                EndBackoff(number);
                break;
            case TimerKind.Refresh:
                _state = _state with { NeedsRefresh = _state.NeedsRefresh || _state.NextRefresh == number };
                break;
            case TimerKind.Launch:
                Happen(number, DynoHappening.LaunchTimeout, new(Reason: DynoLines.LaunchTimeout(_state.Options.LaunchTimeout)));
                break;
            case TimerKind.Kill:
                Happen(number, DynoHappening.KillTimeout);
                break;
            case TimerKind.Boot:
                Happen(number, DynoHappening.BootTimeout, new(Listening: fired.Listening));
                break;
            case TimerKind.StopGrace:
                Happen(number, DynoHappening.StopTimeout);
                break;
            case TimerKind.Drain:
                Happen(number, DynoHappening.DrainTimeout);
                break;
            case TimerKind.Expiry:
                Happen(number, DynoHappening.Drained);
                break;
            case TimerKind.Life:
                Happen(number, DynoHappening.LifeOver);
                break;
        }
    }

    private static TimerKind KindOf(DynoHappening timer) => timer switch
    {
        DynoHappening.LaunchTimeout => TimerKind.Launch,
        DynoHappening.BootTimeout => TimerKind.Boot,
        DynoHappening.StopTimeout => TimerKind.StopGrace,
        DynoHappening.KillTimeout => TimerKind.Kill,
        _ => throw new NotSupportedException($"A dyno of the formation has no timer for {timer}."),
    };

    private TimeSpan TimeOf(DynoHappening timer) => timer switch
    {
        DynoHappening.LaunchTimeout => _state.Options.LaunchTimeout,
        DynoHappening.BootTimeout => _state.Options.BootTimeout,
        DynoHappening.KillTimeout => SupervisorOptions.KillInterval,
        _ => StopGrace,
    };

    /// <summary>Takes the starts that may be cycled now: with those that are not up again yet, a tenth of the app's dynos at most, and one at least.</summary>
    private SwapRequest? TakeCycles()
    {
        if (_state.CyclesDue.IsEmpty)
        {
            return null;
        }

        var due = _state.CyclesDue.RemoveAll(number => !_state.Runs.TryGetValue(number, out var run) || !DynoLifecycle.IsUp(run.Phase) || HolderOf(run) is null);
        var free = Math.Max(1, _state.Dynos.Count / 10) - _state.Dynos.Values.Count(dyno => dyno.IsCycling);
        var taken = due.Take(Math.Max(0, free)).ToArray();
        _state = _state with { CyclesDue = due.RemoveRange(0, taken.Length) };
        return taken is [] ? null : new SwapRequest(SwapKind.Cycle) { Runs = [.. taken] };
    }

    /// <summary>A dyno of a cycle did not get ready: the old ones go on, and are tried again.</summary>
    private void TryCycleLater(SwapRequest request)
    {
        foreach (var number in request.Runs.Where(number => _state.Runs.TryGetValue(number, out var run) && DynoLifecycle.IsUp(run.Phase)))
        {
            Emit(new SetTimer(new(TimerKind.Life, number), CycleAgainAfter));
        }
    }
}
