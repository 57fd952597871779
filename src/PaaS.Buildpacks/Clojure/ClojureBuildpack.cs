namespace PaaS.Buildpacks;

/// <summary>
/// Builds Clojure apps with Leiningen: the app's own <c>bin/lein</c>, or the machine's <c>lein</c>, and a JDK of the machine for the
/// <c>java.runtime.version</c> in system.properties. What is run is the config var <c>BUILD_COMMAND</c>, the app's <c>bin/build</c>, or <c>lein</c>
/// with <c>LEIN_BUILD_TASK</c>: <c>uberjar</c> for a project with an <c>:uberjar-name</c>, else <c>with-profile production compile :all</c>.
/// </summary>
public sealed class ClojureBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/clojure";

    /// <inheritdoc/>
    public string DisplayName => "Clojure";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            context.Tree.HasFile("project.clj"),
            "There is no project.clj in the root of the app. Check that it is committed, and neither in .gitignore nor in .slugignore. Apps of deps.edn alone are not supported."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (tools, problem) = JvmTools.Prepare(context, [new("JVM_OPTS", "-Xmx600m")]);
        if (tools is null)
        {
            return new CompileFailed(problem!);
        }

        var text = context.Tree.ReadText("project.clj", LeiningenProject.MaxBytes) ?? string.Empty;
        return LeiningenProject.TryParse(text, out var project, out problem)
            ? await new LeiningenBuild(context, tools, project, cancellationToken).RunAsync().ConfigureAwait(false)
            : new CompileFailed(problem);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Tree.HasFile("Procfile") ? BuildpackRelease.Empty : BuildpackRelease.Web(Web(context.Tree)));
    }

    private static string? Web(SourceTree tree)
    {
        LeiningenProject? project;
        try
        {
            if (!LeiningenProject.TryParse(tree.ReadText("project.clj", LeiningenProject.MaxBytes) ?? string.Empty, out project, out _))
            {
                return null;
            }
        }
        catch (InvalidDataException)
        {
            // The build has said so.
            return null;
        }

        if (project.UberjarName is null)
        {
            return "lein with-profile production trampoline run";
        }

        var jars = BuiltFiles.Below(tree, "target", depth: 1).Where(static f => f.Name.EndsWith(".jar", StringComparison.Ordinal)).ToList();
        var jar = jars.Find(f => f.Name == project.UberjarName) ?? jars.MaxBy(static f => f.Size);
        return jar is null ? null : $"java -jar {jar.ShellWord}";
    }
}
