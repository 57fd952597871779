using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds apps with Gradle: the app's Gradle Wrapper, or the machine's own <c>gradle</c>, and a JDK of the machine for the
/// <c>java.runtime.version</c> in system.properties. The task is the config var <c>GRADLE_TASK</c>, the build's own <c>stage</c>, or
/// what its framework calls for. Gradle's home is kept between builds; no daemon is used.
/// </summary>
public sealed class GradleBuildpack : IBuildpack
{
    private static readonly ImmutableArray<string> Scripts = ["gradlew", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];

    /// <inheritdoc/>
    public string Id => "heroku/gradle";

    /// <inheritdoc/>
    public string DisplayName => "Gradle";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            Scripts.Any(context.Tree.HasFile),
            "There is no build.gradle in the root of the app, nor another of Gradle's files. Check that it is committed, and neither in .gitignore nor in .slugignore. For Maven choose heroku/java, for sbt heroku/scala."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (tools, problem) = JvmTools.Prepare(context, null, "GRADLE_USER_HOME");
        return tools is null ? new CompileFailed(problem!) : await new GradleBuild(context, tools, cancellationToken).RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Tree.HasFile("Procfile") ? BuildpackRelease.Empty : BuildpackRelease.Web(GradleFrameworks.Web(context.Tree)));
    }
}
