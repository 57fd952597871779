namespace PaaS.Buildpacks;

/// <summary>An app of no language: its Procfile says all. The tree stays as it is.</summary>
internal sealed class ProcfileBuildpack : IBuildpack
{
    private ProcfileBuildpack()
    {
    }

    public static ProcfileBuildpack Instance { get; } = new();

    public string Id => "paas/procfile";

    public string DisplayName => "Procfile";

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Detection.If(context.Tree.HasFile("Procfile"), "There is no Procfile in the root of the app."));

    public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CompileResult>(new Compiled());

    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(BuildpackRelease.Empty);
}
