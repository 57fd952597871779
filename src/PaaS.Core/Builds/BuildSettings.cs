using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>How an app wants to be built. The default leaves everything to its files and to detection.</summary>
public sealed record BuildSettings
{
    /// <summary>The most buildpacks that an app can set.</summary>
    public const int MaxBuildpacks = 20;

    /// <summary>The most names that each of <see cref="Secrets"/> and <see cref="NotSecrets"/> can hold.</summary>
    public const int MaxNames = 200;

    /// <summary>Nothing is set.</summary>
    public static BuildSettings Default { get; } = new();

    /// <summary>The buildpacks, in the order they run; empty if the app's files or detection decide.</summary>
    public ImmutableList<BuildpackReference> Buildpacks { get; init; } = [];

    /// <summary>
    /// Whether <see cref="Buildpacks"/> is what detection found at the first deploy that succeeded. Later pushes don't detect again (Heroku),
    /// but an app's own <c>.buildpacks</c> still comes before it.
    /// </summary>
    public bool IsDetected { get; init; }

    /// <summary>The directory of the source that becomes the app's tree, for a repository that holds several; what is outside it is not built.</summary>
    public SourcePath? Root { get; init; }

    /// <summary>The directory of the tree where the app itself is: detected, built and started there, with the whole tree around it.</summary>
    public SourcePath? AppDirectory { get; init; }

    /// <summary>Names of config vars whose values are masked in build output, whatever they look like.</summary>
    public ImmutableSortedSet<string> Secrets { get; init; } = [];

    /// <summary>Names of config vars whose values stay readable in build output, whatever they look like.</summary>
    public ImmutableSortedSet<string> NotSecrets { get; init; } = [];
}
