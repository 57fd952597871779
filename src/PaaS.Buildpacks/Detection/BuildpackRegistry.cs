using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The buildpacks of a platform, in order: the first that applies builds the app.</summary>
public sealed class BuildpackRegistry
{
    private readonly ImmutableArray<IBuildpack> _buildpacks;

    /// <summary>Makes a registry.</summary>
    /// <param name="buildpacks">In the order they are asked.</param>
    public BuildpackRegistry(params IEnumerable<IBuildpack> buildpacks)
    {
        ArgumentNullException.ThrowIfNull(buildpacks);
        _buildpacks = [.. buildpacks];
    }

    /// <summary>The buildpacks of this package, in Heroku's order.</summary>
    public static BuildpackRegistry BuiltIn { get; } = new(
        //// ruby
        new NodejsBuildpack());
        //// clojure
        //// python
        //// java
        //// gradle
        //// scala
        //// php
        //// go
        //// dotnet
        //// static

    /// <summary>All of them, in order.</summary>
    public IReadOnlyList<IBuildpack> Buildpacks => _buildpacks;

    /// <summary>
    /// All that apply, in order. If none does but there is a <c>Procfile</c>, the one that leaves the tree as it is: an app of no
    /// language.
    /// </summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<IBuildpack>> DetectAsync(BuildContext context, CancellationToken cancellationToken = default)
    {
        var matching = new List<IBuildpack>();
        foreach (var buildpack in _buildpacks.Append(ProcfileBuildpack.Instance))
        {
            var last = ReferenceEquals(buildpack, ProcfileBuildpack.Instance);
            if (!(last && matching.Count > 0) && (await buildpack.DetectAsync(context, cancellationToken).ConfigureAwait(false)).Applies)
            {
                matching.Add(buildpack);
            }
        }

        return matching;
    }
}
