using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The buildpacks of a platform, in order: the first that applies builds the app.</summary>
public sealed class BuildpackRegistry
{
    private readonly ImmutableArray<IBuildpack> _buildpacks;

    /// <summary>Makes a registry.</summary>
    /// <param name="buildpacks">In the order they are asked.</param>
    /// <exception cref="ArgumentException">An id is no name such as <c>acme/cobol</c>, or two have the same.</exception>
    public BuildpackRegistry(params IEnumerable<IBuildpack> buildpacks)
    {
        ArgumentNullException.ThrowIfNull(buildpacks);
        _buildpacks = [.. buildpacks];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in _buildpacks.Select(static buildpack => buildpack.Id))
        {
            if (!BuildpackReference.TryParse(id, null, out var name) || name.Kind != BuildpackKind.Named || !names.Add(name.Location))
            {
                throw new ArgumentException($"'{id}' is no id of a buildpack, or another one has it. Give each a name of its own such as 'acme/cobol'.", nameof(buildpacks));
            }
        }
    }

    /// <summary>The buildpacks of this package, in Heroku's order.</summary>
    public static BuildpackRegistry BuiltIn { get; } = new(
        new RubyBuildpack(),
        new NodejsBuildpack(),
        new ClojureBuildpack(),
        new PythonBuildpack(),
        new JavaBuildpack(),
        new GradleBuildpack(),
        new ScalaBuildpack(),
        new PhpBuildpack(),
        new GoBuildpack(),
        new DotnetBuildpack(),
        new StaticBuildpack());

    /// <summary>All of them, in order.</summary>
    public IReadOnlyList<IBuildpack> Buildpacks => _buildpacks;

    /// <summary>
    /// Looks at a source tree: what would build it, and what it could then run. Nothing is run or changed, and no link is followed out of the
    /// tree. Of what the app names itself its settings are not looked at here.
    /// </summary>
    /// <param name="tree">The app's directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The directory can't be read.</exception>
    public async ValueTask<SourceInspection> InspectAsync(SourceTree tree, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var context = new BuildContext(tree);
        var matching = await DetectAsync(context, cancellationToken).ConfigureAwait(false);
        var release = matching is [var first, ..] ? await first.Buildpack.ReleaseAsync(context, cancellationToken).ConfigureAwait(false) : BuildpackRelease.Empty;
        var yml = HerokuYml.Read(tree);
        var declared = DeclaredTypes.Read(tree, yml);
        var choice = Choice(tree, yml, out var problem);
        return new SourceInspection
        {
            Buildpack = matching is [var used, ..] ? used.Buildpack.Id : null,
            DisplayName = matching is [var named, ..] ? named.DisplayName : null,
            AlsoMatching = [.. matching.Skip(1).Select(static other => other.Buildpack.Id)],
            DefaultProcessTypes = release.DefaultProcessTypes,
            AddOns = release.AddOns,
            Named = choice?.Buildpacks ?? [],
            NamedBy = choice?.NamedBy,
            DeclaredProcessTypes = declared.Types,
            DeclaredBy = declared.File,
            Diagnostics = [.. problem is null ? [] : problem.Split('\n'), .. (yml?.Diagnostics ?? []).Concat(declared.Diagnostics).Select(static d => d.Text)],
        };
    }

    private static BuildpackChoice? Choice(SourceTree tree, HerokuYml? yml, out string? problem)
    {
        try
        {
            problem = null;
            return BuildpackChoice.Of(BuildSettings.Default, ConfigVars.Empty, tree, yml);
        }
        catch (UnbuildableException e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>The one that a name means; null if it is none of these.</summary>
    internal IBuildpack? Find(BuildpackReference reference) =>
        reference.Kind == BuildpackKind.Named ? _buildpacks.Append(ProcfileBuildpack.Instance).FirstOrDefault(buildpack => BuildpackReference.Parse(buildpack.Id).Location == reference.Location) : null;

    /// <summary>
    /// All that apply, in order. If none does, what knows no language: a static site, for pages are also a part of other apps (Heroku detects none),
    /// or an app that has only a <c>Procfile</c>, whose tree is left as it is.
    /// </summary>
    internal async ValueTask<IReadOnlyList<DetectedBuildpack>> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var matching = new List<DetectedBuildpack>();
        foreach (var buildpack in _buildpacks.Append(ProcfileBuildpack.Instance))
        {
            var last = buildpack is StaticBuildpack or ProcfileBuildpack;
            if (!(last && matching.Count > 0) && (await DetectedBuildpack.AskAsync(buildpack, context, cancellationToken).ConfigureAwait(false)).Detected is { } detected)
            {
                matching.Add(detected);
            }
        }

        return matching;
    }
}
