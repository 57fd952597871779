using System.Collections.Immutable;

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
public sealed record BuildSucceeded(Slug Slug) : BuildResult
{
    /// <summary>The buildpacks that built it, in the order they ran.</summary>
    public ImmutableArray<BuildpackUse> Buildpacks { get; init; } = [];

    /// <summary>
    /// The buildpack that detection chose, for the app's settings: later builds don't detect again (Heroku). <see langword="null"/> if the app
    /// named its buildpacks, or nothing but a Procfile was found.
    /// </summary>
    public BuildpackReference? Detected { get; init; }

    /// <summary>What the last buildpack wants as config vars of an app that has none of these names.</summary>
    public ImmutableSortedDictionary<string, string> ConfigVars { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The add-ons that it wants with the app's first release.</summary>
    public ImmutableArray<string> AddOns { get; init; } = [];

    /// <summary>Whether nothing was built, because nothing had changed since the last build that succeeded.</summary>
    public bool IsReused { get; init; }
}

/// <summary>A buildpack of a build.</summary>
/// <param name="Reference">What names it: the app's own words, or its id.</param>
/// <param name="DisplayName">Its name for people, such as <c>Node.js</c>.</param>
/// <param name="Digest">What exactly it was: the commit or <c>sha256:</c> digest of one that was fetched, or the version of the platform's package.</param>
public sealed record BuildpackUse(BuildpackReference Reference, string DisplayName, string Digest);

/// <summary>The source cannot be deployed: a bad archive, nothing detected, an error in the Procfile, a slug that is too large.</summary>
/// <param name="Reason">What is wrong, where, and how to mend it.</param>
public sealed record BuildRejected(string Reason) : BuildResult;

/// <summary>The buildpack could not build the app.</summary>
/// <param name="Buildpack">Its name for people, such as <c>Node.js</c>.</param>
/// <param name="Reason">What went wrong and how to mend it.</param>
public sealed record BuildFailed(string Buildpack, string Reason) : BuildResult;
