using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>All that a <see cref="SupervisorMachine"/> knows; immutable.</summary>
internal sealed record SupervisorState
{
    public required SupervisorOptions Options { get; init; }

    /// <summary>Makes the ids of dynos: the same seed gives the same ids.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number that the next start, operation or back-off gets.</summary>
    public long Next { get; init; } = 1;

    /// <summary>The current release: the newest that a verdict was good for.</summary>
    public RunningRelease? Release { get; init; }

    public Formation Formation { get; init; } = Formation.Empty;

    public ImmutableSortedDictionary<DynoName, FormationDyno> Dynos { get; init; } = ImmutableSortedDictionary<DynoName, FormationDyno>.Empty;

    /// <summary>Every start of which something may be left.</summary>
    public ImmutableSortedDictionary<long, DynoRun> Runs { get; init; } = ImmutableSortedDictionary<long, DynoRun>.Empty;

    public Swap? Swap { get; init; }

    public ImmutableList<SwapRequest> Queue { get; init; } = [];

    /// <summary>Whether dynos that differ from what is wanted are to be replaced when no swap is left.</summary>
    public bool NeedsRefresh { get; init; }

    /// <summary>Refreshes in a row that failed; each next try waits longer.</summary>
    public int FailedRefreshes { get; init; }

    /// <summary>The timer of the next try.</summary>
    public long? NextRefresh { get; init; }

    /// <summary>Starts whose day is over and that wait to be replaced, the longest waiting first.</summary>
    public ImmutableList<long> CyclesDue { get; init; } = [];

    /// <summary>When the web dynos last had a request, or reason to wait for one.</summary>
    public DateTimeOffset QuietSince { get; init; }

    /// <summary>The sleep of the dynos that sleep now; <see langword="null"/> when all are awake.</summary>
    public Sleep? Sleep { get; init; }

    /// <summary>A sleep that was asked for, and waits for the end of the swaps.</summary>
    public Sleep? WantedSleep { get; init; }

    /// <summary>What was published last.</summary>
    public RouteView Route { get; init; } = new(WebState.Blank, []);

    public bool IsShuttingDown { get; init; }

    /// <summary>The grace of a shutdown, if it has one of its own.</summary>
    public TimeSpan? ShutdownGrace { get; init; }

    public bool IsShutDown { get; init; }

    /// <summary>The dynos as people see them. The new ones of a swap are shown only where there is no old one.</summary>
    public ImmutableArray<Dyno> ToSnapshots()
    {
        var shown = Dynos.Values.Select(dyno => dyno.ToSnapshot());
        if (Swap is { } swap)
        {
            shown = shown.Concat(
                from candidate in swap.Candidates
                where !Dynos.ContainsKey(candidate.Key) && Runs.ContainsKey(candidate.Value)
                let run = Runs[candidate.Value]
                select new Dyno(run.Id, run.Name, DynoLifecycle.IsUp(run.Phase) ? DynoState.Up : DynoState.Starting, run.Command, run.Size, run.Release.Version, run.UpSince ?? run.LaunchedAt));
        }

        return [.. shown.OrderBy(dyno => dyno.Name)];
    }
}

/// <summary>How dynos sleep.</summary>
/// <param name="CanWake">Whether a request wakes them.</param>
internal sealed record Sleep(bool CanWake);
