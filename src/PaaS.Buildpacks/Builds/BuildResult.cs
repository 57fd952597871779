namespace PaaS.Buildpacks;

/// <summary>How a build ended: <see cref="BuildSucceeded"/>, <see cref="BuildRejected"/> or <see cref="BuildFailed"/>. The reason of the last two is in the output already.</summary>
public abstract record BuildResult
{
    private protected BuildResult()
    {
    }
}

/// <summary>The slug is in the store.</summary>
/// <param name="Slug">Its description.</param>
public sealed record BuildSucceeded(Slug Slug) : BuildResult;

/// <summary>The source cannot be deployed: a bad archive, nothing detected, an error in the Procfile, a slug that is too large.</summary>
/// <param name="Reason">What is wrong, where, and how to mend it.</param>
public sealed record BuildRejected(string Reason) : BuildResult;

/// <summary>The buildpack could not build the app.</summary>
/// <param name="Buildpack">Its name for people, such as <c>Node.js</c>.</param>
/// <param name="Reason">What went wrong and how to mend it.</param>
public sealed record BuildFailed(string Buildpack, string Reason) : BuildResult;
