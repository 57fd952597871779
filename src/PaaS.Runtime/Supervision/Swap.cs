using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Why dynos are replaced.</summary>
internal enum SwapKind
{
    /// <summary>To run another release.</summary>
    Deploy,

    /// <summary>Because somebody asked.</summary>
    Restart,

    /// <summary>Because they differ from what is wanted, such as in size.</summary>
    Refresh,

    /// <summary>Because their day is over.</summary>
    Cycle,
}

/// <summary>A swap that waits for its turn.</summary>
internal sealed record SwapRequest(SwapKind Kind)
{
    /// <summary>Who waits for the verdict.</summary>
    public ImmutableList<long> Operations { get; init; } = [];

    /// <summary>The release to swap to; a deploy's only.</summary>
    public RunningRelease? Release { get; init; }

    /// <summary>The formation it comes with; a deploy's only.</summary>
    public Formation? Formation { get; init; }

    /// <summary>Which dynos; a restart's only. None is covered by another one.</summary>
    public ImmutableList<DynoSelector> Selectors { get; init; } = [];

    /// <summary>Which starts; a cycle's only.</summary>
    public ImmutableArray<long> Runs { get; init; } = [];

    /// <summary>One restart that does what two were asked for.</summary>
    public SwapRequest With(SwapRequest other) => this with
    {
        Operations = Operations.AddRange(other.Operations),
        Selectors = other.Selectors.Aggregate(Selectors, static (all, one) =>
            all.Exists(other => other.Covers(one)) ? all : all.RemoveAll(one.Covers).Add(one)),
    };
}

/// <summary>The swap in progress.</summary>
internal sealed record Swap(SwapRequest Request, RunningRelease Release, Formation Formation)
{
    /// <summary>The new web dynos: name to the number of their start. They hold no place in the formation before the verdict.</summary>
    public ImmutableSortedDictionary<DynoName, long> Candidates { get; init; } = ImmutableSortedDictionary<DynoName, long>.Empty;

    /// <summary>Whether there is no web dyno to wait for, so that the start of the others is the verdict.</summary>
    public bool JudgesOthers { get; init; }

    /// <summary>The others that have not started yet.</summary>
    public ImmutableSortedSet<DynoName> Awaited { get; init; } = [];
}
