namespace PaaS.Runtime;

/// <summary>What a <see cref="OneOffMachine"/> is told: the wishes of the caller, what clients do, and what became of its effects.</summary>
internal abstract record OneOffMessage
{
    private OneOffMessage()
    {
    }

    public sealed record Start(long Operation, OneOffSpec Spec) : OneOffMessage;

    public sealed record Stop(long Operation, DynoSelector Selector) : OneOffMessage;

    public sealed record Shutdown(TimeSpan? StopGrace) : OneOffMessage;

    public sealed record Started(long Run) : OneOffMessage;

    /// <summary>It could not be started; nothing of it is left.</summary>
    public sealed record StartFailed(long Run, string Reason) : OneOffMessage;

    public sealed record Exited(long Run, ProcessExit Exit) : OneOffMessage;

    /// <summary>Nothing of it is left.</summary>
    public sealed record Removed(long Run) : OneOffMessage;

    /// <summary>Its client has come.</summary>
    public sealed record Attached(long Run) : OneOffMessage;

    /// <summary>Its client has read its output to the end.</summary>
    public sealed record Read(long Run) : OneOffMessage;

    /// <summary>Its client has gone.</summary>
    public sealed record ClientLost(long Run) : OneOffMessage;

    /// <param name="Timer">Which.</param>
    /// <param name="LastByte">When the last byte went through its connection; for the idle time-out only.</param>
    /// <param name="MemoryBytes">What it uses; for samples only, and only if the engine can tell.</param>
    /// <param name="OutOfMemoryKills">How many of its processes have been killed for its memory limit so far; for samples only.</param>
    public sealed record TimerFired(OneOffTimer Timer, DateTimeOffset? LastByte = null, long? MemoryBytes = null, int OutOfMemoryKills = 0) : OneOffMessage;
}

/// <summary>What a timer is for.</summary>
internal enum OneOffTimerKind
{
    /// <summary>The time that a phase may take: to end after SIGTERM, to end after SIGHUP.</summary>
    Phase,

    /// <summary>The time for a client to come (R13).</summary>
    Attach,

    /// <summary>The time that a connection may be silent.</summary>
    Idle,

    /// <summary>The time to live.</summary>
    Life,

    /// <summary>The next look at its memory.</summary>
    Sample,

    /// <summary>The time for the client to read what an ended dyno wrote last.</summary>
    LastBytes,
}

/// <summary>A timer: its purpose, and whose it is.</summary>
internal readonly record struct OneOffTimer(OneOffTimerKind Kind, long Run);
