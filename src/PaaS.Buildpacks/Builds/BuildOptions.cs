using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Where and within which limits builds run.</summary>
public sealed record BuildOptions
{
    /// <summary>
    /// An absolute path; every build has a directory below it while it runs. Directories above it must let the apps' users pass
    /// (mode 0711) if builds run under users of their own.
    /// </summary>
    public required string BuildsDirectory { get; init; }

    /// <summary>An absolute path; every app has a directory below it that lives from build to build. The same holds for the directories above.</summary>
    public required string CachesDirectory { get; init; }

    /// <summary>How much a source may hold.</summary>
    public SourceLimits SourceLimits { get; init; } = SourceLimits.Default;

    /// <summary>How long a build may take. Default 15 minutes, as Heroku.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The largest slug in bytes, compressed. Default 500 MB, as Heroku.</summary>
    public long MaxSlugBytes { get; init; } = 500L << 20;

    /// <summary>Variables of the operator's for every command of every build, such as a proxy or a certificate file. <c>PATH</c> replaces <c>/usr/local/bin:/usr/bin:/bin</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Limits of every command of a build. Default: nicer (5) than dynos, which answer people meanwhile.</summary>
    public ProcessLimits Limits { get; init; } = new(Niceness: 5);
}
