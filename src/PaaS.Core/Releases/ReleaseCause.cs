namespace PaaS.Core;

/// <summary>Why a release was made. It decides what the release is made of; see <see cref="ReleaseLedger"/>.</summary>
public abstract record ReleaseCause
{
    private ReleaseCause()
    {
    }

    /// <summary>The app was created: no slug, no config vars.</summary>
    public sealed record Initial : ReleaseCause;

    /// <summary>New code: this slug with the config vars stored at the time.</summary>
    /// <param name="Slug">What was built.</param>
    /// <param name="Ref">The git ref that moves when the release succeeds, such as <c>refs/heads/main</c>; <see langword="null"/> if the code did not come by git.</param>
    public sealed record Deploy(Slug Slug, string? Ref) : ReleaseCause;

    /// <summary>Changed config vars with the slug of the release before.</summary>
    /// <param name="Patch">The change.</param>
    public sealed record ConfigChange(ConfigPatch Patch) : ReleaseCause;

    /// <summary>Slug and config vars exactly as an earlier release had them.</summary>
    /// <param name="Target">The earlier release.</param>
    public sealed record Rollback(ReleaseVersion Target) : ReleaseCause;
}
