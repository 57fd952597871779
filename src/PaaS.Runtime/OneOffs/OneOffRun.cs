namespace PaaS.Runtime;

/// <summary>Where the client of an attached dyno is.</summary>
internal enum OneOffClient
{
    /// <summary>It takes none: its output goes to the log.</summary>
    None,

    /// <summary>It has not come yet.</summary>
    Awaited,

    /// <summary>It is there.</summary>
    Connected,

    /// <summary>It has gone, or did not come in time.</summary>
    Gone,
}

/// <summary>One one-off dyno, from the order to start it until nothing of it is left.</summary>
internal sealed record OneOffRun
{
    /// <summary>Its number among all of its app since the host started, from 1.</summary>
    public required long Number { get; init; }

    public required Guid Id { get; init; }

    public required DynoName Name { get; init; }

    public required OneOffSpec Spec { get; init; }

    public DynoPhase Phase { get; init; } = DynoPhase.Launching;

    /// <summary>As people see it.</summary>
    public DynoState State { get; init; } = DynoState.Starting;

    public required DateTimeOffset Since { get; init; }

    public required OneOffClient Client { get; init; }

    /// <summary>Whether the client has read its output to the end.</summary>
    public bool IsRead { get; init; }

    /// <summary>Whether the engine has been asked to remove what is left.</summary>
    public bool IsReleased { get; init; }

    /// <summary>When R16 was written of it last.</summary>
    public DateTimeOffset? DetachedToldAt { get; init; }

    /// <summary>The status of its command.</summary>
    public int? Status { get; init; }

    /// <summary>Why the platform ended it or could not start it.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it counts among those that run.</summary>
    public bool IsRunning => Phase < DynoPhase.EndedInUse;

    public Dyno ToSnapshot() => new(Id, Name, State, Spec.Command, Spec.Size, Spec.Release.Version, Since);
}
