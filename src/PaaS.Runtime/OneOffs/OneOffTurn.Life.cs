using System.Globalization;
using static PaaS.Runtime.OneOffEffect;

namespace PaaS.Runtime;

/// <content>The life of a dyno: the table's steps, and what each of its actions is here.</content>
internal sealed partial class OneOffTurn
{
    /// <summary>The status of what never ran, as the shell gives it for what can't be executed.</summary>
    private const int NotStarted = 126;

    /// <summary>How often R16 is written of one that heeds no SIGHUP: it may live for a day, and SIGHUP comes every few seconds.</summary>
    private static readonly TimeSpan DetachedInterval = TimeSpan.FromHours(1);

    private long? _memoryBytes;

    private void Happen(long number, DynoHappening happening)
    {
        if (Find(number) is not { } run || DynoLifecycle.Step(DynoKind.OneOff, run.Phase, happening) is not { IsMeaningful: true } step)
        {
            return;
        }

        // A sample of memory leaves the timer of its phase alone; its own firing winds it again.
        if (step.Next != run.Phase || DynoLifecycle.TimerOf(run.Phase) == happening)
        {
            ChangePhase(run, step.Next);
        }

        foreach (var action in step.Actions)
        {
            Act(Find(number)!, action);
        }
    }

    private void ChangePhase(OneOffRun run, DynoPhase next)
    {
        if (DynoLifecycle.TimerOf(run.Phase) is not null)
        {
            CancelTimer(run, OneOffTimerKind.Phase);
        }

        if (DynoLifecycle.IsUp(run.Phase) && !DynoLifecycle.IsUp(next))
        {
            CancelTimer(run, OneOffTimerKind.Life);
        }

        if (DynoLifecycle.IsLive(run.Phase) && !DynoLifecycle.IsLive(next))
        {
            CancelTimer(run, OneOffTimerKind.Sample);
            CancelTimer(run, OneOffTimerKind.Idle);
        }

        Set(run with { Phase = next });
        if (DynoLifecycle.TimerOf(next) is { } timeout)
        {
            SetTimer(run, OneOffTimerKind.Phase, timeout switch
            {
                DynoHappening.HangUpTimeout => _state.Options.HangUpInterval,
                DynoHappening.KillTimeout => SupervisorOptions.KillInterval,
                _ => _state.StopGrace,
            });
        }
    }

    private void Act(OneOffRun run, DynoAction action)
    {
        switch (action)
        {
            case DynoAction.CancelStart:
                Emit(new CancelStart(run.Number));
                break;
            case DynoAction.Rise:
                Rise(run);
                break;
            case DynoAction.End:
                Turn(run, DynoTurn.End);
                break;
            case DynoAction.GiveUp:
                Turn(run, DynoTurn.End);
                Emit(new Fail(run with { Status = NotStarted }));
                break;
            case DynoAction.HangUp:
                Emit(new SignalAll(run.Number, ProcessSignal.HangUp));
                break;
            case DynoAction.Terminate:
                Emit(new SignalAll(run.Number, ProcessSignal.Terminate));
                break;
            case DynoAction.Kill:
                Emit(new KillTree(run.Number));
                break;
            case DynoAction.Remove:
                AwaitReader(run);
                break;
            case DynoAction.Forget:
                _state = _state with { Runs = _state.Runs.Remove(run.Number) };
                Emit(new Complete(run));
                break;
            default:
                Write(run, action);
                break;
        }
    }

    private void Write(OneOffRun run, DynoAction action)
    {
        if (action == DynoAction.LogDetached)
        {
            if (now - run.DetachedToldAt < DetachedInterval)
            {
                return;
            }

            Set(run with { DetachedToldAt = now });
        }

        if (action is DynoAction.LogOverMemory or DynoAction.LogVastlyOverMemory && _memoryBytes is { } bytes)
        {
            Log(run, DynoLines.Memory(bytes, run.Spec.Size));
        }

        Log(run, action switch
        {
            DynoAction.LogStartFailure => run.Reason!,
            DynoAction.LogExitTimeout => DynoLines.ExitTimeout(_state.StopGrace),
            DynoAction.LogAttachError => DynoLines.AttachError,
            DynoAction.LogOverMemory => DynoLines.MemoryExceeded,
            DynoAction.LogVastlyOverMemory => DynoLines.MemoryVastlyExceeded,
            DynoAction.LogDetached => DynoLines.Detached,
            DynoAction.LogOverDisk => DynoLines.DiskExceeded,
            DynoAction.LogCycling => run.Spec.TimeToLive is null ? DynoLines.Cycling : LifeText(run),
            DynoAction.LogTerm => DynoLines.StoppingWithTerm,
            DynoAction.LogKill => DynoLines.StoppingWithKill,
            DynoAction.LogKillRest => DynoLines.StoppingRestWithKill,
            DynoAction.LogExit => DynoLines.Exited(run.Status!.Value),
            _ => throw new NotSupportedException($"A one-off dyno has no {action}."),
        });
    }

    private void Rise(OneOffRun run)
    {
        run = Turn(run, DynoTurn.Rise);
        SetTimer(run, OneOffTimerKind.Life, LifeOf(run));
        SetTimer(run, OneOffTimerKind.Sample, _state.Supervision.MeasureInterval);
        if (run.Client == OneOffClient.Awaited)
        {
            SetTimer(run, OneOffTimerKind.Attach, _state.Options.AttachTimeout);
        }
        else if (run.Client == OneOffClient.Connected)
        {
            SetTimer(run, OneOffTimerKind.Idle, _state.Options.IdleTimeout);
        }
    }

    private TimeSpan LifeOf(OneOffRun run) => run.Spec.TimeToLive is { } life && life < _state.Options.LongestLife ? life : _state.Options.LongestLife;

    private string LifeText(OneOffRun run) => string.Create(CultureInfo.InvariantCulture, $"Time to live of {LifeOf(run).TotalSeconds:0.###} seconds is over");

    private OneOffRun Turn(OneOffRun run, DynoTurn turn)
    {
        var next = DynoStates.Next(DynoKind.OneOff, run.State, turn);
        if (next == run.State)
        {
            return run;
        }

        Log(run, DynoLines.Changed(run.State, next));
        return Set(run with { State = next, Since = now });
    }

    private void OnStartFailed(OneOffMessage.StartFailed failed)
    {
        if (Find(failed.Run) is { Phase: DynoPhase.Launching or DynoPhase.Cancelled } run)
        {
            Set(run with { Reason = run.Reason ?? failed.Reason, Status = NotStarted });
            Happen(run.Number, DynoHappening.StartFailed);
        }
    }

    private void OnExited(OneOffMessage.Exited exited)
    {
        if (Find(exited.Run) is { Status: null } run)
        {
            // A command whose child was killed for its memory has not done its work, whatever status it makes of that.
            var cause = exited.Exit is { Reason: ProcessExitReason.Ended, OutOfMemoryKills: > 0 } ? ProcessExitReason.OutOfMemory : exited.Exit.Reason;
            var reason = cause switch
            {
                ProcessExitReason.OutOfMemory => DynoLines.MemoryVastlyExceeded,
                ProcessExitReason.OutOfDisk => DynoLines.DiskExceeded,
                _ => null,
            };
            Set(run with { Reason = run.Reason ?? reason, Status = exited.Exit.Status });
            Happen(run.Number, DynoLifecycle.EndOf(cause));
        }
    }

    private void OnTimer(OneOffMessage.TimerFired fired)
    {
        if (Find(fired.Timer.Run) is not { } run)
        {
            return;
        }

        switch (fired.Timer.Kind)
        {
            case OneOffTimerKind.Phase when DynoLifecycle.TimerOf(run.Phase) is { } timeout:
                if (timeout == DynoHappening.LaunchTimeout)
                {
                    Set(run with { Reason = run.Reason ?? DynoLines.LaunchTimeout(_state.Supervision.LaunchTimeout) });
                }

                Happen(run.Number, timeout);
                break;
            case OneOffTimerKind.Attach:
                EndWait(run);
                break;
            case OneOffTimerKind.Idle:
                EndSilence(run, fired.LastByte);
                break;
            case OneOffTimerKind.Life when DynoLifecycle.IsUp(run.Phase):
                Set(run with { Reason = run.Reason ?? LifeText(run) });
                Happen(run.Number, DynoHappening.LifeOver);
                break;
            case OneOffTimerKind.Sample when DynoLifecycle.IsLive(run.Phase):
                Sample(run, fired.MemoryBytes, fired.OutOfMemoryKills);
                break;
            case OneOffTimerKind.LastBytes when run.Phase == DynoPhase.Removing:
                Release(run);
                break;
        }
    }

    private void Sample(OneOffRun run, long? memoryBytes, int kills)
    {
        SetTimer(run, OneOffTimerKind.Sample, _state.Supervision.MeasureInterval);
        _memoryBytes = memoryBytes;
        if (kills > 0 || memoryBytes >= _state.Supervision.MemoryKillFactor * run.Spec.Size.MemoryBytes)
        {
            if (DynoLifecycle.Step(DynoKind.OneOff, run.Phase, DynoHappening.VastlyOverMemory).IsMeaningful)
            {
                Set(run with { Reason = run.Reason ?? DynoLines.MemoryVastlyExceeded });
            }

            Happen(run.Number, DynoHappening.VastlyOverMemory);
        }
        else if (memoryBytes > run.Spec.Size.MemoryBytes)
        {
            Happen(run.Number, DynoHappening.OverMemory);
        }
    }
}
