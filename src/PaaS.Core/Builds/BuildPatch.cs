using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>A change of <see cref="BuildSettings"/>: what is <see langword="null"/> stays as it is.</summary>
public sealed record BuildPatch
{
    /// <summary>The buildpacks, in the order they run, at most <see cref="BuildSettings.MaxBuildpacks"/>; empty leaves the choice to the app's files and to detection again.</summary>
    public ImmutableList<BuildpackReference>? Buildpacks { get; init; }

    /// <summary>The directory of the source that becomes the app's tree; <see langword="default"/> (<c>.</c>) for the whole source.</summary>
    public SourcePath? Root { get; init; }

    /// <summary>The directory of the tree where the app itself is; <see langword="default"/> (<c>.</c>) for its root.</summary>
    public SourcePath? AppDirectory { get; init; }

    /// <summary>Names of config vars whose values are masked in build output. A name leaves <see cref="NotSecrets"/> when it comes here.</summary>
    public ImmutableSortedSet<string>? Secrets { get; init; }

    /// <summary>Names of config vars whose values stay readable in build output. A name leaves <see cref="Secrets"/> when it comes here.</summary>
    public ImmutableSortedSet<string>? NotSecrets { get; init; }
}
