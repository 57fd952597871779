using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>The life of a build: queued, running, then one of the others for ever.</summary>
public enum BuildStatus
{
    /// <summary>It waits for its turn: one build of an app runs at a time.</summary>
    Queued,

    /// <summary>It builds, or its release is getting ready.</summary>
    Running,

    /// <summary>Its release succeeded.</summary>
    Succeeded,

    /// <summary>It, or its release, failed.</summary>
    Failed,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>A newer one took its place while it waited.</summary>
    Superseded,

    /// <summary>The host ended before it did.</summary>
    Abandoned,
}

/// <summary>A build as it stands now.</summary>
/// <param name="Id">Its id.</param>
/// <param name="App">The app.</param>
/// <param name="By">Who wanted it.</param>
/// <param name="Version">What the builder calls the source: a commit, or any text of the uploader's.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Slug">What it built.</param>
/// <param name="Release">The release it made.</param>
/// <param name="Failure">Why it did not succeed.</param>
/// <param name="CreatedAt">When it was wanted.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record Build(
    Guid Id, AppId App, Actor By, string? Version, BuildStatus Status, Slug? Slug, ReleaseVersion? Release, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The buildpacks that ran, in their order, as far as they are known yet.</summary>
    public ImmutableList<BuildpackReference> Buildpacks { get; init; } = [];

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Status is not (BuildStatus.Queued or BuildStatus.Running);
}
