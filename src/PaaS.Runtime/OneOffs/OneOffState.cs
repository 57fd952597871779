using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>All that a <see cref="OneOffMachine"/> knows; immutable.</summary>
internal sealed record OneOffState
{
    public required OneOffOptions Options { get; init; }

    /// <summary>The time from SIGTERM to SIGKILL, how often memory is measured, and when it is vastly over.</summary>
    public required SupervisorOptions Supervision { get; init; }

    /// <summary>The grace of a shutdown, if it has one of its own.</summary>
    public TimeSpan? ShutdownGrace { get; init; }

    public TimeSpan StopGrace => ShutdownGrace ?? Supervision.StopGrace;

    /// <summary>Makes the ids and numbers of dynos: the same seed gives the same ones.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number that the next start gets.</summary>
    public long Next { get; init; } = 1;

    /// <summary>Every one of which something may be left.</summary>
    public ImmutableSortedDictionary<long, OneOffRun> Runs { get; init; } = ImmutableSortedDictionary<long, OneOffRun>.Empty;

    public bool IsShuttingDown { get; init; }

    public bool IsShutDown { get; init; }

    /// <summary>Those that run, as people see them.</summary>
    public ImmutableArray<Dyno> ToSnapshots() => [.. Runs.Values.Where(static run => run.IsRunning).Select(static run => run.ToSnapshot()).OrderBy(static dyno => dyno.Name)];
}
