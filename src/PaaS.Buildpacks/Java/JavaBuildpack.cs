using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds Java apps with Maven: the app's Maven Wrapper, or the machine's own <c>mvn</c>, and a JDK of the machine for the
/// <c>java.runtime.version</c> in system.properties. Artifacts are kept between builds. Config vars: <c>MAVEN_CUSTOM_GOALS</c>,
/// <c>MAVEN_CUSTOM_OPTS</c>, <c>MAVEN_JAVA_OPTS</c>, <c>MAVEN_SETTINGS_PATH</c>, <c>MAVEN_SETTINGS_URL</c>.
/// </summary>
public sealed class JavaBuildpack : IBuildpack
{
    private static readonly ImmutableArray<string> Poms = ["pom.xml", "pom.atom", "pom.clj", "pom.groovy", "pom.rb", "pom.scala", "pom.yaml", "pom.yml"];

    /// <inheritdoc/>
    public string Id => "heroku/java";

    /// <inheritdoc/>
    public string DisplayName => "Java";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            Poms.Any(context.Tree.HasFile),
            "There is no pom.xml in the root of the app. Check that it is committed, and neither in .gitignore nor in .slugignore. For Gradle choose heroku/gradle, for sbt heroku/scala."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (tools, problem) = JvmTools.Prepare(context);
        return tools is null ? new CompileFailed(problem!) : await new MavenBuild(context, tools, cancellationToken).RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var frameworks = MavenFrameworks.Of(context.Tree);
        var release = context.Tree.HasFile("Procfile") ? BuildpackRelease.Empty : BuildpackRelease.Web(frameworks.Web(context.Tree));
        return ValueTask.FromResult(frameworks.HasPostgres ? release with { AddOns = ["heroku-postgresql"] } : release);
    }
}
