namespace PaaS.Buildpacks;

/// <summary>What to build, for whom.</summary>
public sealed record BuildRequest
{
    /// <summary>The app; its cache is kept under this id.</summary>
    public required AppId App { get; init; }

    /// <summary>The app's name, for the operator's eyes.</summary>
    public required AppName AppName { get; init; }

    /// <summary>The user and group the build runs as; <see langword="null"/> is the host's own. Needs a host that is root.</summary>
    public int? UserId { get; init; }

    /// <summary>The source, tar or tar.gz. Read to its end; stays open.</summary>
    public required Stream Source { get; init; }

    /// <summary>Whether one directory that holds everything is taken off, as GitHub's tarballs have it.</summary>
    public bool StripSingleRoot { get; init; }

    /// <summary>The commit, if known. Buildpacks see it as <c>SOURCE_VERSION</c>.</summary>
    public string? Commit { get; init; }

    /// <summary>The app's config vars.</summary>
    public ConfigVars ConfigVars { get; init; } = ConfigVars.Empty;

    /// <summary>How the app wants to be built.</summary>
    public BuildSettings Settings { get; init; } = BuildSettings.Default;
}
