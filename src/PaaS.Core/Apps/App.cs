using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>An app as its decisions have made it: the fold of its stream, immutable.</summary>
public sealed record App
{
    /// <summary>The id that never changes.</summary>
    public required AppId Id { get; init; }

    /// <summary>The name, which may change.</summary>
    public required AppName Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required Actor Owner { get; init; }

    /// <summary>The user id that its builds and dynos run as on a host that is root.</summary>
    public required int UserId { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When anything about it was last decided.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How many of each process type are wanted.</summary>
    public Formation Formation { get; init; } = Formation.Empty;

    /// <summary>The size of the dynos that run release commands.</summary>
    public DynoSize ReleaseSize { get; init; }

    /// <summary>The jobs of the scheduler that were made by hand, in the order of their making. Those of the current release's <c>app.json</c> come beside them.</summary>
    public ImmutableList<ScheduledJob> Jobs { get; init; } = [];

    /// <summary>How it wants to be built.</summary>
    public BuildSettings Build { get; init; } = BuildSettings.Default;

    /// <summary>Whether it is in maintenance: routers answer with its maintenance page, and its dynos go on.</summary>
    public bool Maintenance { get; init; }

    /// <summary>How routers treat it, without its pages.</summary>
    public RouteSettings Routing { get; init; } = RouteSettings.Default;

    /// <summary>All releases, oldest first: release vN is at index N - 1.</summary>
    public ImmutableList<Release> Releases { get; init; } = [];

    /// <summary>The newest release that succeeded: what runs.</summary>
    public Release? Current { get; init; }

    /// <summary>Config vars as of the releases that are settled. Kept also when the release that brought them failed.</summary>
    internal ConfigVars SettledConfig { get; init; } = ConfigVars.Empty;

    /// <summary>Slugs of its releases that were given up to free disk space.</summary>
    internal ImmutableHashSet<SlugId> GivenUpSlugs { get; init; } = [];

    /// <summary>Whether it was destroyed. Nothing happens to it any more.</summary>
    public bool IsDestroyed { get; init; }

    /// <summary>How many releases are settled. They are in order, so these are the first ones, and all others are pending.</summary>
    internal int SettledReleases { get; init; }

    /// <summary>The oldest release that is pending: the one being made ready now.</summary>
    public Release? Pending => SettledReleases < Releases.Count ? Releases[SettledReleases] : null;

    /// <summary>The stored config vars, those of releases still pending included.</summary>
    public ConfigVars ConfigVars => Releases is [.., { Status: ReleaseStatus.Pending } last] ? last.ConfigVars : SettledConfig;

    /// <summary>The number that the next release gets.</summary>
    public ReleaseVersion NextVersion => new(Releases.Count + 1);

    /// <summary>Finds a release.</summary>
    /// <param name="version">Its number.</param>
    public Release? Find(ReleaseVersion version) =>
        version.Number >= 1 && version.Number <= Releases.Count ? Releases[version.Number - 1] : null;
}
