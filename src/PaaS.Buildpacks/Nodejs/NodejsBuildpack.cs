namespace PaaS.Buildpacks;

/// <summary>
/// Builds Node.js apps with the machine's own Node.js and the package manager whose lock file the app has (npm, Yarn, pnpm): dependencies, the
/// scripts <c>heroku-prebuild</c>, <c>heroku-postbuild</c> or <c>build</c>, removal of dev dependencies, <c>heroku-cleanup</c>. The
/// package manager's cache is kept between builds, and what npm has installed, too. <c>engines.node</c> must admit the Node.js that is there.
/// </summary>
public sealed class NodejsBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/nodejs";

    /// <inheritdoc/>
    public string DisplayName => "Node.js";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Tree.HasFile("package.json")
            ? Detection.Yes
            : Detection.No("There is no package.json in the root of the app. Check that it is committed, and neither in .gitignore nor in .slugignore."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string text;
        try
        {
            text = context.Tree.ReadText("package.json", PackageJson.MaxBytes) ?? string.Empty;
        }
        catch (InvalidDataException e)
        {
            return new CompileFailed(e.Message);
        }

        if (!PackageJson.TryParse(text, out var package, out var problem))
        {
            return new CompileFailed(problem);
        }

        var manager = NodePackageManager.Choose(context, package, out problem);
        return manager is null ? new CompileFailed(problem!) : await new NodejsBuild(context, package, manager, cancellationToken).RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Heroku: an app that declares an MCP server need not be one of the web.
        var declared = DeclaredTypes.Read(context.Tree, null).Types.Keys;
        return ValueTask.FromResult(declared.Any(static type => type.ToString().StartsWith("mcp", StringComparison.Ordinal)) ? BuildpackRelease.Empty : BuildpackRelease.Web("npm start"));
    }
}
