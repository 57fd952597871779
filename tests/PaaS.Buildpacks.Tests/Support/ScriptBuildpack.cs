using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

/// <summary>A buildpack that runs one script of bash.</summary>
internal sealed class ScriptBuildpack(string script, string id = "test/script", string name = "Script") : IBuildpack
{
    public string Id => id;

    public string DisplayName => name;

    /// <summary>What detection says.</summary>
    public Detection Detection { get; init; } = Detection.Yes;

    /// <summary>What it hands to the buildpacks after it.</summary>
    public ImmutableSortedDictionary<string, string>? Exports { get; init; }

    /// <summary>What it says of the built app, beside <see cref="Defaults"/>.</summary>
    public BuildpackRelease Release { get; init; } = BuildpackRelease.Empty;

    public ImmutableSortedDictionary<ProcessType, string> Defaults { get; init; } = ImmutableSortedDictionary<ProcessType, string>.Empty;

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection);

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var variables = context.ConfigVars.ToDictionary();
        (variables["DIR"], variables["CACHE"]) = (context.BuildDirectory, context.CacheDirectory);
        var exit = await context.RunAsync(["bash", "-c", script], variables, cancellationToken: cancellationToken);
        return exit.Succeeded ? new Compiled(Exports) : new CompileFailed($"The script ended with status {exit.Status}.");
    }

    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Release with { DefaultProcessTypes = Defaults });
}
