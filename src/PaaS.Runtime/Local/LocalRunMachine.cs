using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Where one process of a local run is.</summary>
internal enum LocalProcessState
{
    /// <summary>Not started yet, or starting.</summary>
    Waiting,

    /// <summary>Its first process runs.</summary>
    Running,

    /// <summary>Its first process has ended; what it has started may run on.</summary>
    Ended,

    /// <summary>Nothing of it is left.</summary>
    Gone,
}

/// <summary>How far a local run is.</summary>
internal enum LocalRunPhase
{
    Running,
    Stopping,
    Killing,
}

/// <param name="Processes">Each process, in the order of the plan.</param>
/// <param name="Phase">How far the run is.</param>
/// <param name="Signal">What everybody was told to end with.</param>
/// <param name="ExitCode">What the run ends with.</param>
internal sealed record LocalRunState(ImmutableArray<LocalProcessState> Processes, LocalRunPhase Phase = LocalRunPhase.Running, ProcessSignal Signal = ProcessSignal.Interrupt, int ExitCode = 0)
{
    public static LocalRunState Of(int processes) => new([.. Enumerable.Repeat(LocalProcessState.Waiting, processes)]);

    /// <summary>Whether nothing is left to wait for.</summary>
    public bool IsOver => Processes.All(static p => p == LocalProcessState.Gone);
}

/// <summary>What happens in a local run.</summary>
internal abstract record LocalRunMessage
{
    internal sealed record Started(int Index) : LocalRunMessage;

    internal sealed record NotStarted(int Index, string Why) : LocalRunMessage;

    /// <summary>The run ended before this one's turn to start.</summary>
    internal sealed record LeftOut(int Index) : LocalRunMessage;

    internal sealed record Exited(int Index, int Status) : LocalRunMessage;

    internal sealed record TreeGone(int Index) : LocalRunMessage;

    internal sealed record StopAsked(ProcessSignal Signal) : LocalRunMessage;

    internal sealed record GraceOver : LocalRunMessage;

    internal sealed record OutputLost(string Why) : LocalRunMessage;
}

/// <summary>What a local run has to do.</summary>
internal abstract record LocalRunEffect
{
    internal sealed record Signal(int Index, ProcessSignal With) : LocalRunEffect;

    internal sealed record Kill(int Index) : LocalRunEffect;

    internal sealed record StartGrace : LocalRunEffect;

    internal sealed record SayExit(int Index, int Status) : LocalRunEffect;

    internal sealed record SayStop(ProcessSignal With) : LocalRunEffect;

    internal sealed record Warn(string Text) : LocalRunEffect;
}

/// <summary>
/// The rules of a local run: when one process ends, all get its signal, or SIGINT; after the grace, or when asked to stop again,
/// everything that is left is killed. The exit code is that of the process that ended first, 0 after a stop that was asked for.
/// </summary>
internal static class LocalRunMachine
{
    private const int SignalBase = 128;

    public static (LocalRunState State, ImmutableArray<LocalRunEffect> Effects) Step(LocalRunState state, LocalRunMessage message) => message switch
    {
        LocalRunMessage.Started started => Start(state, started.Index),
        LocalRunMessage.NotStarted failed => FailStart(state, failed),
        LocalRunMessage.LeftOut left => (With(state, left.Index, LocalProcessState.Gone), []),
        LocalRunMessage.Exited exited => End(state, exited),
        LocalRunMessage.TreeGone gone => (With(state, gone.Index, LocalProcessState.Gone), []),
        LocalRunMessage.StopAsked asked => Stop(state, asked.Signal),
        LocalRunMessage.GraceOver => state.Phase == LocalRunPhase.Stopping ? Kill(state, state.ExitCode) : (state, []),
        LocalRunMessage.OutputLost lost => state.Phase == LocalRunPhase.Running ? BeginStop(state with { ExitCode = 1 }, ProcessSignal.Terminate, new LocalRunEffect.Warn(lost.Why)) : (state, []),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, null),
    };

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) Start(LocalRunState state, int index)
    {
        var next = With(state, index, LocalProcessState.Running);
        return state.Phase switch
        {
            LocalRunPhase.Running => (next, []),

            // It was on its way when the others were told to end.
            LocalRunPhase.Stopping => (next, [new LocalRunEffect.Signal(index, state.Signal)]),
            _ => (next, [new LocalRunEffect.Kill(index)]),
        };
    }

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) FailStart(LocalRunState state, LocalRunMessage.NotStarted failed)
    {
        var next = With(state, failed.Index, LocalProcessState.Gone);
        var warning = new LocalRunEffect.Warn(failed.Why);
        return state.Phase == LocalRunPhase.Running ? BeginStop(next with { ExitCode = 1 }, ProcessSignal.Interrupt, warning) : (next, [warning]);
    }

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) End(LocalRunState state, LocalRunMessage.Exited exited)
    {
        var next = With(state, exited.Index, LocalProcessState.Ended);
        var exit = new LocalRunEffect.SayExit(exited.Index, exited.Status);
        return state.Phase == LocalRunPhase.Running ? BeginStop(next with { ExitCode = exited.Status }, SignalOf(exited.Status), exit) : (next, [exit]);
    }

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) Stop(LocalRunState state, ProcessSignal signal) => state.Phase switch
    {
        LocalRunPhase.Running => BeginStop(state with { ExitCode = 0 }, signal, new LocalRunEffect.Warn("Interrupted by User")),
        LocalRunPhase.Stopping => Kill(state, SignalBase + (int)signal),
        _ => (state, []),
    };

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) BeginStop(LocalRunState state, ProcessSignal signal, LocalRunEffect first) =>
        (state with { Phase = LocalRunPhase.Stopping, Signal = signal },
            [first, new LocalRunEffect.SayStop(signal), .. Alive(state).Select(index => new LocalRunEffect.Signal(index, signal)), new LocalRunEffect.StartGrace()]);

    private static (LocalRunState, ImmutableArray<LocalRunEffect>) Kill(LocalRunState state, int exitCode) =>
        (state with { Phase = LocalRunPhase.Killing, ExitCode = exitCode }, [.. Alive(state).Select(static index => new LocalRunEffect.Kill(index))]);

    /// <summary>The signals that ask are passed on. SIGKILL is not: that one process was killed is no reason to give the others no time.</summary>
    private static ProcessSignal SignalOf(int status) => (status - SignalBase) switch
    {
        (int)ProcessSignal.HangUp => ProcessSignal.HangUp,
        (int)ProcessSignal.Terminate => ProcessSignal.Terminate,
        _ => ProcessSignal.Interrupt,
    };

    private static IEnumerable<int> Alive(LocalRunState state) =>
        Enumerable.Range(0, state.Processes.Length).Where(index => state.Processes[index] is LocalProcessState.Running or LocalProcessState.Ended);

    private static LocalRunState With(LocalRunState state, int index, LocalProcessState process) => state with { Processes = state.Processes.SetItem(index, process) };
}
