namespace PaaS.Runtime;

/// <summary>What a <see cref="OneOffMachine"/> wants done. The shell carries them out in order and without waiting.</summary>
internal abstract record OneOffEffect
{
    private OneOffEffect()
    {
    }

    /// <summary>A start is accepted; comes before its <see cref="StartDyno"/>.</summary>
    public sealed record Accept(long Operation, OneOffRun Dyno) : OneOffEffect;

    /// <param name="Operation">Which start is refused.</param>
    /// <param name="Limit">The limit that was met; <see langword="null"/> if the host shuts down.</param>
    public sealed record Refuse(long Operation, string? Limit) : OneOffEffect;

    /// <summary>Answered by Started or StartFailed, and after Started by Exited.</summary>
    public sealed record StartDyno(OneOffRun Dyno) : OneOffEffect;

    /// <summary>Give up a start; answered as the start is.</summary>
    public sealed record CancelStart(long Run) : OneOffEffect;

    public sealed record SignalAll(long Run, ProcessSignal Signal) : OneOffEffect;

    public sealed record KillTree(long Run) : OneOffEffect;

    /// <summary>End the client's connection.</summary>
    public sealed record Disconnect(long Run) : OneOffEffect;

    /// <summary>Remove what is left; answered by Removed.</summary>
    public sealed record RemoveDyno(long Run) : OneOffEffect;

    public sealed record SetTimer(OneOffTimer Timer, TimeSpan Due) : OneOffEffect;

    public sealed record CancelTimer(OneOffTimer Timer) : OneOffEffect;

    /// <summary>Write a line of the platform's.</summary>
    public sealed record WriteLog(DynoName Process, string Text) : OneOffEffect;

    /// <summary>It could not be started in time: tell whoever waits, although something may come of the start yet.</summary>
    public sealed record Fail(OneOffRun Dyno) : OneOffEffect;

    /// <summary>Nothing of it is left: tell whoever waits.</summary>
    public sealed record Complete(OneOffRun Dyno) : OneOffEffect;

    public sealed record AnswerStop(long Operation, bool IsAny) : OneOffEffect;

    public sealed record CompleteShutdown : OneOffEffect;
}
