using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What a build would make of a source tree, as far as can be said without building it.</summary>
public sealed record SourceInspection
{
    /// <summary>The <see cref="IBuildpack.Id"/> of the first buildpack that applies, such as <c>heroku/nodejs</c>; <see langword="null"/> if none does.</summary>
    public string? Buildpack { get; init; }

    /// <summary>Its name for people, such as <c>Node.js</c>.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The ids of the others that apply, in order. They build nothing unless the app names them.</summary>
    public ImmutableArray<string> AlsoMatching { get; init; } = [];

    /// <summary>What <see cref="Buildpack"/> lets the tree run as it is now; a compile may add to it.</summary>
    public ImmutableSortedDictionary<ProcessType, string> DefaultProcessTypes { get; init; } = ImmutableSortedDictionary<ProcessType, string>.Empty;

    /// <summary>Add-ons that <see cref="Buildpack"/> wants for the app.</summary>
    public ImmutableArray<string> AddOns { get; init; } = [];

    /// <summary>The buildpacks that the app's own files name: a build runs them, and detects nothing. Empty if none does.</summary>
    public ImmutableArray<BuildpackReference> Named { get; init; } = [];

    /// <summary>The file that names them: <c>.buildpacks</c>, <c>heroku.yml</c> or <c>app.json</c>.</summary>
    public string? NamedBy { get; init; }

    /// <summary>What the app's own file declares; it comes before the defaults.</summary>
    public ImmutableSortedDictionary<ProcessType, string> DeclaredProcessTypes { get; init; } = ImmutableSortedDictionary<ProcessType, string>.Empty;

    /// <summary>That file, such as <c>Procfile</c>; <see langword="null"/> if there is none.</summary>
    public string? DeclaredBy { get; init; }

    /// <summary>What the author of the app's files should know, line by line.</summary>
    public ImmutableArray<string> Diagnostics { get; init; } = [];
}
