namespace PaaS.Buildpacks;

/// <summary>Brings the buildpacks that don't belong to the platform to a build.</summary>
internal interface IBuildpackSource
{
    /// <summary>Fetches a buildpack, a fresh copy for this build alone.</summary>
    /// <param name="reference">Not a name of the platform's own.</param>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BuildpackUnavailableException">It can't be had, or is none.</exception>
    ValueTask<FetchedBuildpack> FetchAsync(BuildpackReference reference, BuildContext context, CancellationToken cancellationToken);
}

/// <summary>A buildpack and what its bytes are.</summary>
/// <param name="Buildpack">The buildpack.</param>
/// <param name="Digest">The same for the same content: a commit, or <c>sha256:</c> and a digest.</param>
internal sealed record FetchedBuildpack(IBuildpack Buildpack, string Digest);

/// <summary>A buildpack that an app names can't be used. The message is for the app's author.</summary>
/// <param name="message">What, why, and how to mend it.</param>
internal sealed class BuildpackUnavailableException(string message) : Exception(message);
