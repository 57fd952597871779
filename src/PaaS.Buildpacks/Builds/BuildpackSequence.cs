using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Runs an app's buildpacks one after the other: each must detect, and what it exports is in the environment of those after it.</summary>
internal sealed class BuildpackSequence(BuildWorkspace workspace, BuildpackChoice? choice, BuildOutput output)
{
    /// <summary>What is said when a build has removed what it should build.</summary>
    public const string NoTree = "The app's directory is no directory any more after this buildpack. It must leave a directory there, which becomes the slug.";

    private const int MaxExportBytes = 1 << 20;
    private readonly List<string> _names = [];

    /// <summary>The buildpack at work, by its name for people; null before the first.</summary>
    public string? Current { get; private set; }

    /// <summary>What the buildpacks call the app, in their order.</summary>
    public IReadOnlyList<string> DisplayNames => _names;

    /// <summary>What the last one says of the built app.</summary>
    public BuildpackRelease Release { get; private set; } = BuildpackRelease.Empty;

    /// <summary>Runs them.</summary>
    /// <param name="context">The build as the first one sees it.</param>
    /// <param name="buildpacks">All there, in their order.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    /// <returns>Null if all could build the app.</returns>
    /// <exception cref="UnbuildableException">One does not apply.</exception>
    public async ValueTask<BuildResult?> RunAsync(BuildContext context, IReadOnlyList<SelectedBuildpack> buildpacks, CancellationToken cancellationToken)
    {
        for (var i = 0; i < buildpacks.Count; i++)
        {
            var buildpack = buildpacks[i].Buildpack ?? throw new InvalidOperationException($"{buildpacks[i].Reference} was not fetched.");
            Current = buildpacks[i].DisplayName ?? await DetectAsync(buildpacks[i].Reference, buildpack, context, cancellationToken).ConfigureAwait(false);
            _names.Add(Current);
            output.Heading($"{Current} app detected");
            var (compiled, problem) = await ApplyAsync(buildpack, context, isLast: i == buildpacks.Count - 1, cancellationToken).ConfigureAwait(false);
            if (problem is not null)
            {
                return new BuildFailed(Current, problem);
            }

            context = context.With(compiled?.Exports ?? ImmutableSortedDictionary<string, string>.Empty);
        }

        if (buildpacks.Count > 1)
        {
            output.Detail($"Default process types are those of the last buildpack, {buildpacks[^1].Reference}.");
        }

        return null;
    }

    /// <summary>Compiles, and asks the last buildpack for its release. A file of the app's that a buildpack can't read or write is the app's to mend: the build fails by its name.</summary>
    private async ValueTask<(Compiled? Compiled, string? Problem)> ApplyAsync(IBuildpack buildpack, BuildContext context, bool isLast, CancellationToken cancellationToken)
    {
        bool IsThere() => workspace.HasApp() && context.Tree.IsThere;
        try
        {
            var compiled = await buildpack.CompileAsync(context, cancellationToken).ConfigureAwait(false);
            var problem = compiled switch
            {
                CompileFailed failed => failed.Reason,
                Compiled when !IsThere() => NoTree,
                Compiled { Exports: { } exports } => ExportProblem(exports),
                Compiled => null,
                _ => throw new InvalidOperationException($"Buildpack {buildpack.Id} gave no result."),
            };
            if (problem is null && isLast)
            {
                Release = await buildpack.ReleaseAsync(context, cancellationToken).ConfigureAwait(false);
            }

            return (compiled as Compiled, problem);
        }
        catch (Exception e) when (e is TreeException { IsOfTree: true } or InvalidDataException)
        {
            return (null, IsThere() ? e.Message : NoTree);
        }
    }

    private static string? ExportProblem(ImmutableSortedDictionary<string, string> exports)
    {
        var bytes = 0L;
        foreach (var (name, value) in exports)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0') || value.Contains('\0', StringComparison.Ordinal))
            {
                return $"It exports a variable '{TreeName.Shown(name)}', which can't be in an environment.";
            }

            bytes += name.Length + value.Length;
        }

        return bytes > MaxExportBytes ? $"It exports variables of {ByteCount.Short(bytes)}; at most {ByteCount.Short(MaxExportBytes)} are taken." : null;
    }

    private async ValueTask<string> DetectAsync(BuildpackReference reference, IBuildpack buildpack, BuildContext context, CancellationToken cancellationToken)
    {
        var (detected, reason) = await DetectedBuildpack.AskAsync(buildpack, context, cancellationToken).ConfigureAwait(false);
        if (detected is not null)
        {
            return detected.DisplayName;
        }

        var advice = choice?.NamedBy == BuildpackChoice.FirstBuild
            ? "It was found by detection at the app's first build. 'heroku buildpacks:clear' has it detected anew, 'heroku buildpacks:set' sets another."
            : $"It is named by {choice?.NamedBy}.";
        throw new UnbuildableException(
            $"App not compatible with buildpack: {reference}\n{(string.IsNullOrWhiteSpace(reason) ? "It gives no reason." : reason)}\n{advice}\nPush rejected, failed to detect set buildpack {reference}.");
    }
}
