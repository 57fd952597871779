namespace PaaS.Buildpacks;

/// <summary>A buildpack that applies to a tree.</summary>
/// <param name="Buildpack">The buildpack.</param>
/// <param name="DisplayName">What it calls this tree's kind of app.</param>
internal sealed record DetectedBuildpack(IBuildpack Buildpack, string DisplayName)
{
    /// <summary>Asks one.</summary>
    /// <returns>Null, and why, if it does not apply.</returns>
    public static async ValueTask<(DetectedBuildpack? Detected, string? Reason)> AskAsync(IBuildpack buildpack, BuildContext context, CancellationToken cancellationToken)
    {
        var detection = await buildpack.DetectAsync(context, cancellationToken).ConfigureAwait(false);
        return detection.Applies ? (new(buildpack, detection.DisplayName ?? buildpack.DisplayName), null) : (null, detection.Reason);
    }
}
