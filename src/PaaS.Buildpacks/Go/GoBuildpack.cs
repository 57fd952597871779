namespace PaaS.Buildpacks;

/// <summary>
/// Builds Go apps of modules with the machine's own Go: <c>go install -tags heroku</c> of all main packages, or of those that the app names, to
/// <c>bin/</c>; from <c>vendor/</c> if it holds the modules. Writes a Procfile if there is none. Runs <c>bin/go-pre-compile</c> and
/// <c>bin/go-post-compile</c>. Modules and compiled packages are kept between builds. Go must be as new as go.mod asks.
/// </summary>
public sealed class GoBuildpack : IBuildpack
{
    /// <summary>Files of the tools from before modules: the build says what to do about them.</summary>
    private static readonly (string File, string Tool)[] Legacy =
        [("Gopkg.lock", "dep"), ("Godeps/Godeps.json", "godep"), ("vendor/vendor.json", "govendor"), ("glide.yaml", "glide")];

    /// <inheritdoc/>
    public string Id => "heroku/go";

    /// <inheritdoc/>
    public string DisplayName => "Go";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            context.Tree.HasFile(GoMod.FileName) || LegacyTool(context.Tree) is not null,
            "There is no go.mod in the root of the app. Make one with 'go mod init NAME', commit it, and check that neither .gitignore nor .slugignore lists it."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Tree.HasFile(GoMod.FileName))
        {
            return new CompileFailed(LegacyTool(context.Tree) is { } tool
                ? $"The app seems to manage its dependencies with {tool}, which is no longer supported. Move to modules: run 'go mod init NAME' and 'go mod tidy' in the app's directory, and commit go.mod and go.sum."
                : "There is no go.mod in the root of the app. Make one with 'go mod init NAME' and commit it.");
        }

        return GoMod.TryRead(context.Tree, out var module, out var problem)
            ? await new GoBuild(context, module, cancellationToken).RunAsync().ConfigureAwait(false)
            : new CompileFailed(problem);
    }

    /// <summary>Nothing: what the app can run stands in its Procfile, which the compile writes if there is none.</summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Empty);

    private static string? LegacyTool(SourceTree tree) =>
        Array.Find(Legacy, entry => tree.HasFile(entry.File)).Tool ?? (tree.HasDirectory("src") && HasGo(tree, "src", depth: 2) ? "gb" : null);

    /// <summary>Whether a file of Go is so deep in a directory, or deeper; as far as ten directories down.</summary>
    private static bool HasGo(SourceTree tree, string directory, int depth) =>
        (depth <= 1 && tree.Files(directory, "*.go").Count > 0)
        || (depth > -8 && tree.Directories(directory).Any(name => HasGo(tree, $"{directory}/{name}", depth - 1)));
}
