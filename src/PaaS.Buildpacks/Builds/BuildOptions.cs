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

    /// <summary>An absolute path; every app has a directory below it that lives from build to build, with one for each stack. The same holds for the directories above.</summary>
    public required string CachesDirectory { get; init; }

    /// <summary>How much a source may hold.</summary>
    public SourceLimits SourceLimits { get; init; } = SourceLimits.Default;

    /// <summary>How long a build may take. Default 15 minutes, as Heroku.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// After how much silence, and then how often, the output says that the build goes on, so that clients and proxies don't give up. Default
    /// 30 seconds; <see langword="null"/> for never.
    /// </summary>
    public TimeSpan? Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest slug in bytes, compressed. Default 500 MB, as Heroku.</summary>
    public long MaxSlugBytes { get; init; } = 500L << 20;

    /// <summary>How slugs are compressed. Default gzip. Both are read, so it can be changed at any time.</summary>
    public SlugFormat SlugFormat { get; init; }

    /// <summary>
    /// How many bytes of compressed blocks are kept of each app beside its cache, so that the next slug costs only what has changed.
    /// Default 512 MiB; 0 keeps none.
    /// </summary>
    public long BlockCacheBytes { get; init; } = 512L << 20;

    /// <summary>The most bytes that an app may keep in its cache between builds. One that has more after a build is emptied. Default 2 GiB.</summary>
    public long MaxCacheBytes { get; init; } = 2L << 30;

    /// <summary>Variables of the operator's for every command of every build, such as a proxy or a certificate file. <c>PATH</c> replaces <c>/usr/local/bin:/usr/bin:/bin</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// Limits of every command of a build, as far as the launcher enforces them. Default: 2.5 GiB of memory, 1,024 processes and threads,
    /// 8 GiB of disk for the app, its cache and temporary files together, half the processor weight of a Standard-1X dyno and
    /// niceness 5: dynos answer people meanwhile.
    /// </summary>
    public ProcessLimits Limits { get; init; } = new(Processes: 1024, MemoryBytes: 2560L << 20, Niceness: 5, CpuShares: 512, DiskBytes: 8L << 30);

    /// <summary>
    /// Absolute paths outside <c>/usr</c> that a sandboxed build sees, read-only and under the same name: toolchains, or a certificate
    /// file that <see cref="Environment"/> names. Those that don't exist are left out; a symbolic link is refused when a build runs.
    /// </summary>
    public ImmutableArray<string> ReadOnlyPaths { get; init; } = [];

    /// <summary>
    /// The network of a sandboxed build. Default: its own, with a way out but none to the machine itself. A build that
    /// needs a proxy or a package mirror on this machine's own addresses needs <see cref="ProcessNetwork.Host"/>.
    /// </summary>
    public ProcessNetwork Network { get; init; } = ProcessNetwork.Own;

    /// <summary>Where package managers get an app's dependencies.</summary>
    public PackageSources Packages { get; init; } = PackageSources.Default;

    /// <summary>
    /// Absolute paths of directories whose folders apps may name as buildpacks (<c>/srv/buildpacks/x</c>). Default: none. A path below
    /// one of them that leads through a symbolic link is refused.
    /// </summary>
    public ImmutableArray<string> BuildpackRoots { get; init; } = [];

    /// <summary>Checks and fetches the addresses of buildpacks that apps name. Default: <see langword="null"/>, which fetches none.</summary>
    public IOutboundGuard? Outbound { get; init; }
}
