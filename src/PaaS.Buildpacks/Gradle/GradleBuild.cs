using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Gradle build.</summary>
internal sealed partial class GradleBuild(BuildContext context, JvmTools tools, CancellationToken cancellationToken)
{
    private readonly MavenIndex _index = MavenIndex.Of(context.Packages);
    private readonly Dictionary<string, string> _environment = tools.Environment;
    private readonly string _home = Path.Combine(context.CacheDirectory, ".gradle");

    public async ValueTask<CompileResult> RunAsync()
    {
        if (Choose(out var gradle) is { } missing)
        {
            return new CompileFailed(missing);
        }

        _environment["GRADLE_USER_HOME"] = _home;
        // Without it Gradle's JVM counts on a quarter of the machine, of which a build has only a part.
        _environment["GRADLE_OPTS"] = $"-Xmx1024m {JvmTools.Directories(context)} {tools.Variable("GRADLE_OPTS")}".TrimEnd();
        ImmutableArray<string> command =
        [
            .. gradle,
            "--no-daemon",
            "--project-cache-dir",
            Path.Combine(context.CacheDirectory, ".gradle-project"),
            "-Dorg.gradle.welcome=never",
            "-Dorg.gradle.caching=true",
            // Does not go with a project cache elsewhere.
            "-Dorg.gradle.vfs.watch=false",
            .. Mirror(),
        ];

        // Its logs, and process ids of machines that are gone.
        await context.RunAsync(["rm", "-rf", "--", Path.Combine(_home, "daemon")], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        var tasks = tools.Variable("GRADLE_TASK");
        if (tasks.Length == 0 || !context.Tree.HasFile("Procfile"))
        {
            var (probed, problem) = await ProbeAsync(command).ConfigureAwait(false);
            if (problem is not null)
            {
                return new CompileFailed(problem);
            }

            tasks = tasks.Length == 0 ? probed! : tasks;
        }

        return await ExecuteAsync(command, gradle[^1], JvmTools.Split(tasks)).ConfigureAwait(false);
    }

    /// <summary>The wrapper, which Heroku demands; the machine's Gradle where there is none, or where it could fetch nothing.</summary>
    private string? Choose(out ImmutableArray<string> gradle)
    {
        var hasWrapper = context.Tree.HasFile("gradlew");
        if (hasWrapper && !_index.IsSystem)
        {
            gradle = BuildWrapper.Command(context.Tree, "gradlew");
            return null;
        }

        gradle = ["gradle"];
        if (Toolchain.Missing(context, "Gradle", "gradle", "gradle") is { } missing)
        {
            return hasWrapper ? missing : missing + " Or add the Gradle Wrapper to the app: run 'gradle wrapper' where you develop, and commit what it makes.";
        }

        context.Output.Warning(hasWrapper
            ? "The Gradle Wrapper would fetch Gradle; this platform builds without a network, so its own Gradle is used."
            : "There is no gradlew, so this platform's Gradle is used. Run 'gradle wrapper' and commit what it makes to fix the version.");
        return null;
    }

    private ImmutableArray<string> Mirror()
    {
        ImmutableArray<string> offline = _index.IsSystem ? ["--offline"] : [];
        return GradleScripts.Mirror(_index) is { } script ? [.. offline, "--init-script", JvmTools.WriteHomeFile(context, "paas-mirror.gradle", script)] : offline;
    }

    /// <summary>Asks the build what it is, keeps its framework for the release, and gives the tasks that it calls for.</summary>
    private async ValueTask<(string? Tasks, string? Problem)> ProbeAsync(ImmutableArray<string> gradle)
    {
        context.Output.Heading("Reading the build");
        var script = JvmTools.WriteHomeFile(context, "paas-probe.gradle", GradleScripts.Probe);
        var (exit, text) = await context.ReadAsync(
            [.. gradle, "--quiet", "-Dorg.gradle.configuration-cache=false", "-Dorg.gradle.unsafe.configuration-cache=false", "--init-script", script, "help"],
            _environment,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        if (Answer().Match(text) is not { Success: true } answer || !exit.Succeeded)
        {
            foreach (var line in text.Split('\n'))
            {
                context.Output.Detail(line);
            }

            return (null, $"Gradle could not read the build (status {exit.Status}). What it printed stands above. Check build.gradle and settings.gradle, and that this version of Gradle runs with the app's version of Java.");
        }

        var framework = answer.Groups["framework"].Value;
        context.WriteFile(GradleFrameworks.NamePath, framework + "\n");
        if (framework.Length > 0)
        {
            context.Output.Detail($"Framework: {framework}");
        }

        return (answer.Groups["stage"].Value == "true" ? "stage" : GradleFrameworks.Tasks(framework), null);
    }

    private async ValueTask<CompileResult> ExecuteAsync(ImmutableArray<string> command, string name, ImmutableArray<string> tasks)
    {
        var shown = $"{name} {string.Join(' ', tasks)}";
        context.Output.Heading("Executing Gradle");
        context.Output.Detail($"$ {shown}");
        var exit = await context.RunAsync([.. command, .. tasks], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? new Compiled(tools.Exports) : new CompileFailed(
            $"'{shown}' ended with status {exit.Status}. What it printed stands above. The build must have the task '{tasks.FirstOrDefault()}'; the config var GRADLE_TASK names another one.");
    }

    [GeneratedRegex(@"^paas-probe stage=(?<stage>true|false) framework=(?<framework>[a-z-]*)\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Answer();
}
