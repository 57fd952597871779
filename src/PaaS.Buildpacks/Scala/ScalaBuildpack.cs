namespace PaaS.Buildpacks;

/// <summary>
/// Builds Scala apps with sbt: the machine's own, or the launcher of the version in project/build.properties, fetched once. Config vars:
/// <c>SBT_TASKS</c> (<c>compile stage</c>), <c>SBT_PRE_TASKS</c>, <c>SBT_PROJECT</c>, <c>SBT_CLEAN</c>, <c>SBT_OPTS</c>,
/// <c>KEEP_SBT_CACHE</c>. Where builds use the machine's packages only and there is no sbt, plain sources are compiled with its <c>scalac</c>.
/// </summary>
public sealed class ScalaBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/scala";

    /// <inheritdoc/>
    public string DisplayName => "Scala";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var tree = context.Tree;
        return ValueTask.FromResult(Detection.If(
            Has(tree, string.Empty, ".sbt") || tree.Exists(".sbtrc") || tree.Exists("project/build.properties") || Has(tree, "project", ".scala") || Has(tree, ".sbt", ".scala"),
            "There is no build.sbt in the root of the app, nor another of sbt's files. Check that it is committed, and neither in .gitignore nor in .slugignore. For Maven choose heroku/java, for Gradle heroku/gradle."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (tools, problem) = JvmTools.Prepare(context);
        return tools is null ? new CompileFailed(problem!)
            : context.Packages.Offline && context.FindProgram("sbt") is null ? await new ScalacBuild(context, tools, cancellationToken).RunAsync().ConfigureAwait(false)
            : await new SbtBuild(context, tools, cancellationToken).RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(ScalaStage.Release(context.Tree));
    }

    /// <summary>As a shell's <c>*.sbt</c>: any kind of entry, but no hidden one.</summary>
    private static bool Has(SourceTree tree, string directory, string end) =>
        tree.Files(directory, "*" + end).Concat(tree.Directories(directory)).Any(name => name.EndsWith(end, StringComparison.Ordinal) && name[0] != '.');
}
