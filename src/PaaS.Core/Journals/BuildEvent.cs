using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>Something that happened to an app's builds, as it stands in the app's stream of builds. No decision: the stream is compacted.</summary>
public abstract record BuildEvent
{
    private BuildEvent()
    {
    }

    /// <summary>A build was wanted, or has come further.</summary>
    /// <param name="Build">The build as it is now.</param>
    public sealed record Recorded(Build Build) : BuildEvent;

    /// <summary>All that the events before it say and that still counts. What stands before it may be dropped.</summary>
    /// <param name="History">What they say.</param>
    public sealed record Summarized(BuildHistory History) : BuildEvent;
}

/// <summary>The newest builds of an app: the fold of the app's stream of builds.</summary>
public sealed record BuildHistory
{
    /// <summary>How many builds are kept: 50. Those that have not ended are never dropped.</summary>
    public const int Kept = 50;

    /// <summary>Nothing was built yet.</summary>
    public static BuildHistory Empty { get; } = new();

    /// <summary>The builds, oldest first.</summary>
    public ImmutableList<Build> Builds { get; init; } = [];

    /// <summary>Finds a build.</summary>
    /// <param name="id">Its id.</param>
    public Build? Find(Guid id) => Builds.Find(build => build.Id == id);

    /// <summary>Folds one event.</summary>
    /// <param name="e">The event.</param>
    public BuildHistory Apply(BuildEvent e) => e switch
    {
        BuildEvent.Recorded recorded => Set(recorded.Build),
        BuildEvent.Summarized summarized => summarized.History,
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "Not an event of an app's builds."),
    };

    private BuildHistory Set(Build build)
    {
        if (Builds.FindLastIndex(one => one.Id == build.Id) is >= 0 and var place)
        {
            return new() { Builds = Builds.SetItem(place, build) };
        }

        var builds = Builds.Add(build);
        while (builds.Count > Kept && builds.FindIndex(static one => one.HasEnded) is >= 0 and var oldest)
        {
            builds = builds.RemoveAt(oldest);
        }

        return new() { Builds = builds };
    }
}
