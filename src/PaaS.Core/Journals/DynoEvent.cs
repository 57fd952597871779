using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>Something that happened to an app's dynos, as it stands in the app's stream of dynos. No decision: the stream is compacted.</summary>
public abstract record DynoEvent
{
    private DynoEvent()
    {
    }

    /// <summary>An occurrence of a job is about to run. Recorded before it does, so that it never runs twice.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Due">Which occurrence: when it came due.</param>
    public sealed record JobStarted(Guid Job, DateTimeOffset Due) : DynoEvent;

    /// <summary>A dyno was started: its time counts from here.</summary>
    /// <param name="Dyno">This start's id.</param>
    /// <param name="Running">What it is, and since when it counts.</param>
    public sealed record Started(Guid Dyno, RunningDyno Running) : DynoEvent;

    /// <summary>A dyno has ended.</summary>
    /// <param name="Dyno">The start's id.</param>
    /// <param name="At">When.</param>
    public sealed record Ended(Guid Dyno, DateTimeOffset At) : DynoEvent;

    /// <summary>All that the events before it say and that still counts. What stands before it may be dropped.</summary>
    /// <param name="Record">What they say.</param>
    public sealed record Summarized(DynoRecord Record) : DynoEvent;
}

/// <summary>What is known of an app's dynos: the fold of the app's stream of dynos.</summary>
public sealed record DynoRecord
{
    /// <summary>Nothing has happened yet.</summary>
    public static DynoRecord Empty { get; } = new();

    /// <summary>The newest occurrence of each job that was started.</summary>
    public ImmutableDictionary<Guid, DateTimeOffset> Jobs { get; init; } = ImmutableDictionary<Guid, DateTimeOffset>.Empty;

    /// <summary>How long the app's dynos have run.</summary>
    public DynoUsage Usage { get; init; } = DynoUsage.Empty;

    /// <summary>Folds one event.</summary>
    /// <param name="e">The event.</param>
    public DynoRecord Apply(DynoEvent e) => e switch
    {
        DynoEvent.JobStarted started => this with { Jobs = Jobs.SetItem(started.Job, Jobs.TryGetValue(started.Job, out var known) && known > started.Due ? known : started.Due) },
        DynoEvent.Started started => this with { Usage = Usage.Start(started.Dyno, started.Running) },
        DynoEvent.Ended ended => this with { Usage = Usage.End(ended.Dyno, ended.At) },
        DynoEvent.Summarized summarized => summarized.Record,
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "Not an event of an app's dynos."),
    };
}
