using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

/// <summary>A buildpack that runs one script of bash.</summary>
internal sealed class ScriptBuildpack(string script, string id = "test/script") : IBuildpack
{
    public string Id => id;

    public string DisplayName => "Script";

    public ImmutableSortedDictionary<ProcessType, string> Defaults { get; init; } = ImmutableSortedDictionary<ProcessType, string>.Empty;

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var exit = await context.RunAsync(["bash", "-c", script], context.ConfigVars, cancellationToken: cancellationToken);
        return exit.Succeeded ? new Compiled() : new CompileFailed($"The script ended with status {exit.Status}.");
    }

    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new BuildpackRelease { DefaultProcessTypes = Defaults });
}
