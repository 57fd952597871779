using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The life of one start of a dyno.</content>
internal sealed partial class SupervisorTurn
{
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
            Size = formation.TryGet(name.Type, out var entry) ? entry.Size : default,
            LaunchedAt = now,
        };
        Set(run);
        Log(name, DynoLines.Starting(run.Command));
        Emit(new StartDyno(run));
        return run;
    }

    private void OnStarted(SupervisorMessage.Started started)
    {
        if (!_state.Runs.TryGetValue(started.Run, out var run) || run.Phase > RunPhase.LaunchCancelled)
        {
            return;
        }

        if (run.Phase == RunPhase.LaunchCancelled)
        {
            Terminate(run);
        }
        else if (run.Listens)
        {
            Set(run with { Phase = RunPhase.Starting, Address = started.Address });
            Emit(new SetTimer(new(TimerKind.Boot, run.Number), _state.Options.BootTimeout));
            Emit(new WatchReady(run.Number));
        }
        else
        {
            Rise(run);
        }
    }

    private void OnReady(long number)
    {
        if (_state.Runs.TryGetValue(number, out var run) && run.Phase == RunPhase.Starting)
        {
            Emit(new CancelTimer(new(TimerKind.Boot, number)));
            Rise(run);
        }
    }

    private void Rise(DynoRun run)
    {
        Set(run with { Phase = RunPhase.Up, UpSince = now });
        LogChange(run.Name, DynoState.Starting, DynoState.Up);
        if (HolderOf(run) is { } dyno)
        {
            Set(dyno with { State = DynoState.Up, Since = now });
        }

        NoteProgress(run);
    }

    private void OnStartFailed(SupervisorMessage.StartFailed failed)
    {
        if (!_state.Runs.TryGetValue(failed.Run, out var run) || run.Phase > RunPhase.LaunchCancelled)
        {
            return;
        }

        // Nothing of it is left: the engine promises that.
        if (run.Phase != RunPhase.LaunchCancelled)
        {
            Log(run.Name, failed.Reason);
            Fall(run, failed.Reason);
        }

        Remove(run);
    }

    private void OnExited(SupervisorMessage.Exited exited)
    {
        if (!_state.Runs.TryGetValue(exited.Run, out var run) || run.Phase >= RunPhase.Exited)
        {
            return;
        }

        Log(run.Name, DynoLines.Exited(exited.Status));
        CancelTimerOf(run);
        var wasRouted = _state.Route.Runs.Contains(run.Number);
        Set(run with { Phase = RunPhase.Exited });
        if (run.Phase is RunPhase.Starting or RunPhase.Up || run.Failure is not null)
        {
            var wrongPort = run.Failure is null && run.UpSince is null ? DynoLines.WrongPort(run, exited.Ports) : null;
            if (wrongPort is not null)
            {
                Log(run.Name, wrongPort);
            }

            Fall(run, run.Failure ?? wrongPort ?? DynoLines.ExitedEarly(run, exited.Status));
        }

        // One that requests may still hold is removed only when they have let go of it: its port must not be given away before.
        if (!wasRouted && (run.IsDrained || run.Phase != RunPhase.Draining))
        {
            Dispose(run);
        }
    }

    /// <summary>A start has failed or ended by itself: what that means depends on whose it was.</summary>
    private void Fall(DynoRun run, string reason)
    {
        if (_state.Swap?.Candidates.GetValueOrDefault(run.Name) == run.Number)
        {
            LogChange(run.Name, run.UpSince is null ? DynoState.Starting : DynoState.Up, DynoState.Crashed);
            FailSwap(run, reason);
        }
        else if (HolderOf(run) is { } dyno)
        {
            LogChange(run.Name, dyno.State, DynoState.Crashed);
            if (run.UpSince is null && _state.Swap is { JudgesOthers: true } swap && swap.Awaited.Contains(run.Name) && ReferenceEquals(run.Release, swap.Release))
            {
                Set(dyno with { Run = null, State = DynoState.Crashed, Since = now });
                FailSwap(run, reason);
            }
            else
            {
                Crash(dyno, run);
            }
        }
    }

    /// <summary>Takes a start that is no longer wanted out of service, by the long way: route table, requests, SIGTERM, SIGKILL.</summary>
    private void Leave(DynoRun run)
    {
        switch (run.Phase)
        {
            case RunPhase.Launching:
                Set(run with { Phase = RunPhase.LaunchCancelled });
                Emit(new CancelStart(run.Number));
                break;
            case RunPhase.Up when _state.Route.Runs.Contains(run.Number):
                Set(run with { Phase = RunPhase.Draining });
                break;
            case RunPhase.Starting or RunPhase.Up:
                CancelTimerOf(run);
                Terminate(run);
                break;
        }
    }

    private void OnDrained(long number)
    {
        if (!_state.Runs.TryGetValue(number, out var run) || run.IsDrained)
        {
            return;
        }

        Emit(new CancelTimer(new(TimerKind.Drain, number)));
        run = run with { IsDrained = true };
        Set(run);
        if (run.Phase == RunPhase.Draining)
        {
            Terminate(run);
        }
        else if (run.Phase == RunPhase.Exited)
        {
            Dispose(run);
        }
    }

    private void Terminate(DynoRun run)
    {
        Set(run with { Phase = RunPhase.Stopping });
        Log(run.Name, DynoLines.StoppingWithTerm);
        Emit(new SignalTerm(run.Number));
        Emit(new SetTimer(new(TimerKind.StopGrace, run.Number), StopGrace));
    }

    private TimeSpan StopGrace => _state.ShutdownGrace ?? _state.Options.StopGrace;

    private void OnTimer(SupervisorMessage.TimerFired fired)
    {
        if (fired.Timer.Kind == TimerKind.Backoff)
        {
            EndBackoff(fired.Timer.Number);
        }
        else if (fired.Timer.Kind == TimerKind.Refresh)
        {
            _state = _state with { NeedsRefresh = _state.NeedsRefresh || _state.NextRefresh == fired.Timer.Number };
        }
        else if (_state.Runs.TryGetValue(fired.Timer.Number, out var run))
        {
            switch (fired.Timer.Kind, run.Phase)
            {
                case (TimerKind.Boot, RunPhase.Starting):
                    EndBoot(run, fired);
                    break;
                case (TimerKind.StopGrace, RunPhase.Stopping):
                    Set(run with { Phase = RunPhase.Killing });
                    Log(run.Name, DynoLines.ExitTimeout(StopGrace));
                    Log(run.Name, DynoLines.StoppingRestWithKill);
                    Emit(new KillTree(run.Number));
                    break;
                case (TimerKind.Drain, _):
                    OnDrained(run.Number);
                    break;
            }
        }
    }

    /// <summary>R10. Heroku gives no SIGTERM here: the process never got to work.</summary>
    private void EndBoot(DynoRun run, SupervisorMessage.TimerFired fired)
    {
        var wrongPort = DynoLines.WrongPort(run, fired.Ports);
        Set(run with { Phase = RunPhase.Killing, Failure = wrongPort ?? DynoLines.NeverListened(run, _state.Options.BootTimeout) });
        Log(run.Name, DynoLines.BootTimeout(_state.Options.BootTimeout));
        if (wrongPort is not null)
        {
            Log(run.Name, wrongPort);
        }

        Log(run.Name, DynoLines.StoppingWithKill);
        Emit(new KillTree(run.Number));
    }

    private void Dispose(DynoRun run)
    {
        Set(_state.Runs[run.Number] with { Phase = RunPhase.Disposing });
        Emit(new DisposeDyno(run.Number));
    }

    private void OnGone(long number)
    {
        if (_state.Runs.TryGetValue(number, out var run) && run.Phase == RunPhase.Disposing)
        {
            Remove(run);
        }
    }

    private void Remove(DynoRun run)
    {
        _state = _state with { Runs = _state.Runs.Remove(run.Number) };
        if (_state.Dynos.TryGetValue(run.Name, out var dyno))
        {
            TryLaunch(dyno);
        }
    }

    private void CancelTimerOf(DynoRun run)
    {
        if (run.Phase == RunPhase.Starting)
        {
            Emit(new CancelTimer(new(TimerKind.Boot, run.Number)));
        }
        else if (run.Phase == RunPhase.Stopping)
        {
            Emit(new CancelTimer(new(TimerKind.StopGrace, run.Number)));
        }
    }

    private FormationDyno? HolderOf(DynoRun run) =>
        _state.Dynos.TryGetValue(run.Name, out var dyno) && dyno.Run == run.Number ? dyno : null;
}
