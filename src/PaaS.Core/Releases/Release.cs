namespace PaaS.Core;

/// <summary>The life of a release: pending, then one of the other two for ever.</summary>
public enum ReleaseStatus
{
    /// <summary>Recorded; its dynos are not all ready yet, or it waits for the release before it.</summary>
    Pending,

    /// <summary>It became the current release.</summary>
    Succeeded,

    /// <summary>It did not get ready. It keeps its number and changed nothing.</summary>
    Failed,
}

/// <summary>A slug and all config vars under a number that is never reused.</summary>
/// <param name="Id">The release's id in the API.</param>
/// <param name="App">The app.</param>
/// <param name="Version">The number.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Cause">Why it was made.</param>
/// <param name="Slug">What it runs; <see langword="null"/> before the first deploy.</param>
/// <param name="ConfigVars">What its dynos get. While it is pending behind another release, both may still change with that one's outcome.</param>
/// <param name="Description">What happened, as people read it: <c>Deploy 1a2b3c4d</c>.</param>
/// <param name="By">Who did it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="UpdatedAt">When its status last changed.</param>
/// <param name="Failure">Why it failed; <see langword="null"/> unless it did.</param>
public sealed record Release(
    Guid Id,
    AppId App,
    ReleaseVersion Version,
    ReleaseStatus Status,
    ReleaseCause Cause,
    Slug? Slug,
    ConfigVars ConfigVars,
    string Description,
    Actor By,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? Failure = null)
{
    /// <summary>Whether its slug was given up to free disk space. It comes back with a deploy of the same content.</summary>
    public bool IsSlugGivenUp { get; init; }

    /// <summary>Whether a rollback may name it: it succeeded, and its slug is there.</summary>
    public bool IsEligibleForRollback => Status == ReleaseStatus.Succeeded && Slug is not null && !IsSlugGivenUp;
}
