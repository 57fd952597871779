using System.Collections.Immutable;
using System.Globalization;
using static PaaS.Runtime.OneOffEffect;

namespace PaaS.Runtime;

/// <summary>One step of the machine. Lives for one message; nothing outside sees it half-done.</summary>
internal sealed partial class OneOffTurn(OneOffState state, DateTimeOffset now)
{
    /// <summary>Numbers have four digits, as on Heroku.</summary>
    private const int LowestNumber = 1000;
    private const int HighestNumber = 9999;
    private static readonly ProcessType Scheduler = ProcessType.Parse("scheduler");

    private readonly ImmutableArray<OneOffEffect>.Builder _effects = ImmutableArray.CreateBuilder<OneOffEffect>();
    private OneOffState _state = state;

    public OneOffStep Take(OneOffMessage message)
    {
        switch (message)
        {
            case OneOffMessage.Start start:
                Start(start);
                break;
            case OneOffMessage.Stop stop:
                Stop(stop);
                break;
            case OneOffMessage.Shutdown shutdown:
                ShutDown(shutdown.StopGrace);
                break;
            case OneOffMessage.Started started:
                Happen(started.Run, DynoHappening.Started);
                break;
            case OneOffMessage.StartFailed failed:
                OnStartFailed(failed);
                break;
            case OneOffMessage.Exited exited:
                OnExited(exited);
                break;
            case OneOffMessage.Removed removed:
                Happen(removed.Run, DynoHappening.Removed);
                break;
            case OneOffMessage.Attached attached:
                OnAttached(attached.Run);
                break;
            case OneOffMessage.Read read:
                OnRead(read.Run);
                break;
            case OneOffMessage.ClientLost lost:
                LoseClient(lost.Run);
                break;
            case OneOffMessage.TimerFired fired:
                OnTimer(fired);
                break;
        }

        if (_state is { IsShuttingDown: true, IsShutDown: false, Runs.IsEmpty: true })
        {
            _state = _state with { IsShutDown = true };
            Emit(new CompleteShutdown());
        }

        return new(_state, _effects.ToImmutable());
    }

    private void Start(OneOffMessage.Start start)
    {
        var spec = start.Spec;
        if (_state.IsShuttingDown || RefusalOf(spec.Type) is not null)
        {
            Emit(new Refuse(start.Operation, _state.IsShuttingDown ? null : RefusalOf(spec.Type)));
            return;
        }

        var number = _state.Next;
        var id = DynoIds.Of(_state.Seed, number);
        var run = new OneOffRun
        {
            Number = number,
            Id = id,
            Name = NameOf(spec.Type, id),
            Spec = spec,
            Since = now,
            Client = spec.Streams == DynoStreams.Log ? OneOffClient.None : OneOffClient.Awaited,
        };
        _state = _state with { Next = number + 1 };
        Set(run);
        Emit(new Accept(start.Operation, run));
        Log(run, DynoLines.Starting(spec.Command));
        SetTimer(run, OneOffTimerKind.Phase, _state.Supervision.LaunchTimeout);
        Emit(new StartDyno(run));
    }

    /// <summary>Why no more may be started; <see langword="null"/> if one may.</summary>
    private string? RefusalOf(ProcessType type)
    {
        var limit = _state.Options.MaxRunning;
        if (Counts(type) && _state.Runs.Values.Count(run => run.IsRunning && Counts(run.Name.Type)) >= limit)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The app runs {limit} one-off dynos, as many as it may. Wait until one has ended, or stop one.");
        }

        return _state.Runs.Values.Count(run => run.Name.Type == type) > HighestNumber - LowestNumber
            ? $"The app runs as many {type} dynos as there are names for them. Wait until one has ended, or stop one."
            : null;
    }

    /// <summary>What the platform itself starts is never kept waiting by people's.</summary>
    private static bool Counts(ProcessType type) => type != ProcessType.Release && type != Scheduler;

    /// <summary>A name that nothing has of which anything is left.</summary>
    private DynoName NameOf(ProcessType type, Guid id)
    {
        const int Names = HighestNumber - LowestNumber + 1;
        var first = (int)(BitConverter.ToUInt32(id.ToByteArray()) % Names);
        return Enumerable.Range(0, Names)
            .Select(step => new DynoName(type, LowestNumber + ((first + step) % Names)))
            .First(name => _state.Runs.Values.All(run => run.Name != name));
    }

    private void Stop(OneOffMessage.Stop stop)
    {
        var stopped = _state.Runs.Values.Where(run => run.IsRunning && stop.Selector.Matches(run.Name)).ToArray();
        foreach (var run in stopped)
        {
            End(run, "It was stopped.");
        }

        Emit(new AnswerStop(stop.Operation, stopped.Length > 0));
    }

    private void ShutDown(TimeSpan? grace)
    {
        if (_state.IsShuttingDown)
        {
            return;
        }

        _state = _state with { IsShuttingDown = true, ShutdownGrace = grace };
        foreach (var run in _state.Runs.Values.ToArray())
        {
            End(run, "The host was shut down.");
            if (Find(run.Number) is { Phase: DynoPhase.Removing } ended)
            {
                Release(ended);
            }
        }
    }

    /// <summary>It is no longer wanted.</summary>
    private void End(OneOffRun run, string reason)
    {
        if (run.Phase == DynoPhase.Launching)
        {
            run = Turn(run, DynoTurn.Stop);
        }

        if (run.Phase is DynoPhase.Launching or DynoPhase.Up or DynoPhase.HungUp)
        {
            Set(run with { Reason = run.Reason ?? reason });
            Happen(run.Number, DynoHappening.Unwanted);
        }
    }

    private void Emit(OneOffEffect effect) => _effects.Add(effect);

    private void Log(OneOffRun run, string text) => Emit(new WriteLog(run.Name, text));

    private OneOffRun? Find(long number) => _state.Runs.GetValueOrDefault(number);

    private OneOffRun Set(OneOffRun run)
    {
        _state = _state with { Runs = _state.Runs.SetItem(run.Number, run) };
        return run;
    }

    private void SetTimer(OneOffRun run, OneOffTimerKind kind, TimeSpan due) => Emit(new SetTimer(new(kind, run.Number), due));

    private void CancelTimer(OneOffRun run, OneOffTimerKind kind) => Emit(new CancelTimer(new(kind, run.Number)));
}
