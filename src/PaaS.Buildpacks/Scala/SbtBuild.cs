using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one sbt build.</summary>
internal sealed class SbtBuild(BuildContext context, JvmTools tools, CancellationToken cancellationToken)
{
    private readonly MavenIndex _index = MavenIndex.Of(context.Packages);
    private readonly Dictionary<string, string> _environment = tools.Environment;

    public async ValueTask<CompileResult> RunAsync()
    {
        var version = JavaProperties.Read(context.Tree, "project/build.properties", "sbt.version");
        if (Problem(version) is { } unsupported)
        {
            return new CompileFailed(unsupported);
        }

        var options = Options();
        _environment["SBT_OPTS"] = string.Join(' ', options);
        ImmutableArray<string> sbt;
        if (context.FindProgram("sbt") is not null)
        {
            sbt = ["sbt"];
        }
        else
        {
            var (launcher, problem) = await new SbtLauncher(context, tools, _index, cancellationToken).FetchAsync(version!).ConfigureAwait(false);
            if (problem is not null)
            {
                return new CompileFailed(problem);
            }

            sbt = [$"{tools.Home}/bin/java", .. options, "-jar", launcher!];
        }

        await CopyTargetAsync(context.CacheDirectory, context.AppPath).ConfigureAwait(false);
        var tasks = Tasks();
        context.Output.Heading($"Running: sbt {string.Join(' ', tasks)}");
        var exit = await context.RunAsync([.. sbt, .. tasks], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            return new CompileFailed(
                $"'sbt {string.Join(' ', tasks)}' ended with status {exit.Status}. What it printed stands above. The task 'stage' comes from the plugin sbt-native-packager; "
                + "SBT_TASKS names other ones. After an error of a stale cache set SBT_CLEAN=true for one build.");
        }

        await CopyTargetAsync(context.AppPath, context.CacheDirectory).ConfigureAwait(false);
        await DropAsync().ConfigureAwait(false);
        return new Compiled(tools.Exports);
    }

    /// <summary>Why sbt of this version can't build, or null (Heroku's rules).</summary>
    public static string? Problem(string? version) =>
        version is null ? "The version of sbt is not fixed. Write it into project/build.properties, for example: sbt.version=1.11.7"
        : !char.IsAsciiDigit(version[0]) || (version.StartsWith("0.", StringComparison.Ordinal) && version != "0.13.18")
            ? $"project/build.properties asks for sbt {TreeName.Shown(version)}, which is not supported. Use sbt 1 or later: sbt.version=1.11.7"
            : null;

    /// <summary>The words of SBT_OPTS for Java: ours, and the app's, which may have the launcher's <c>-J</c> in front.</summary>
    private ImmutableArray<string> Options()
    {
        var cache = context.CacheDirectory;
        return
        [
            "-Xmx1024m",
            "-Xss4m",
            .. JvmTools.Split(JvmTools.Directories(context)),
            "-Dsbt.log.noformat=true",
            "-Dsbt.color=false",
            "-Dsbt.server.autostart=false",
            $"-Dsbt.ivy.home={cache}/ivy_home",
            $"-Dsbt.coursier.home={cache}/coursier_home",
            $"-Dsbt.boot.directory={cache}/sbt_boot",
            $"-Dsbt.global.base={cache}/sbt_global",
            .. Repositories(),
            .. tools.Words("SBT_OPTS").Select(static word => word.StartsWith("-J", StringComparison.Ordinal) && word.Length > 2 ? word[2..] : word),
        ];
    }

    private ImmutableArray<string> Repositories() =>
        _index.Central is { } address
            ? ["-Dsbt.repository.config=" + JvmTools.WriteHomeFile(context, "sbt-repositories", $"[repositories]\n  local\n  paas-mirror: {address}/\n")]
            : [];

    private IEnumerable<string> Tasks()
    {
        var project = JavaProperties.Read(context.Tree, "system.properties", "sbt.project") ?? tools.Variable("SBT_PROJECT");
        var before = JavaProperties.Read(context.Tree, "system.properties", "sbt.pre-tasks") ?? tools.Variable("SBT_PRE_TASKS");
        var clean = (JavaProperties.Read(context.Tree, "system.properties", "sbt.clean") ?? tools.Variable("SBT_CLEAN")) == "true";
        ImmutableArray<string> tasks = [.. clean ? ["clean"] : Array.Empty<string>(), .. JvmTools.Split(before), .. tools.Words("SBT_TASKS", "compile stage")];
        return project.Length == 0 ? tasks : tasks.Select(task => $"{project}/{task}");
    }

    /// <summary>sbt compiles only what has changed since the classes in <c>target</c>.</summary>
    private async ValueTask CopyTargetAsync(string from, string to)
    {
        await context.RunAsync(["rm", "-rf", "--", Path.Combine(to, "target")], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        var source = from == context.AppPath ? context.Tree : new SourceTree(from);
        if (source.HasDirectory("target"))
        {
            await context.RunAsync(["cp", "-a", "--", Path.Combine(from, "target"), to], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What was staged holds all that the app needs; the classes beside it only make the slug larger.</summary>
    private async ValueTask DropAsync()
    {
        if (!context.Tree.HasDirectory("target/universal/stage") || tools.Variable("KEEP_SBT_CACHE") == "true")
        {
            return;
        }

        context.Output.Heading("Dropping compilation artifacts from the slug");
        ImmutableArray<string> leftovers = [.. context.Tree.Directories("target").Where(static d => d.StartsWith("scala-", StringComparison.Ordinal) || d is "streams" or "resolution-cache").Select(static d => "target/" + d)];
        if (leftovers.Length > 0)
        {
            await context.RunAsync(["rm", "-rf", "--", .. leftovers], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }
}
