using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one Leiningen build.</summary>
internal sealed class LeiningenBuild(BuildContext context, JvmTools tools, LeiningenProject project, CancellationToken cancellationToken)
{
    private const string Profile = """
        export LEIN_NO_DEV="${LEIN_NO_DEV:-yes}"
        export RING_ENV="${RING_ENV:-production}"

        """;

    private const string RuntimeProfile = """
        # lein finds its dependencies in ~/.m2; Java does not ask HOME where that is.
        export LEIN_JVM_OPTS="-Duser.home=$HOME ${LEIN_JVM_OPTS:--XX:+TieredCompilation -XX:TieredStopAtLevel=1}"

        """;

    private readonly Dictionary<string, string> _environment = tools.Environment;

    public async ValueTask<CompileResult> RunAsync()
    {
        var problem = ChooseLein(out var lein) ?? CheckPlugins();
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        _environment["LEIN_HOME"] = Path.Combine(context.Environment["HOME"], ".lein");
        var index = MavenIndex.Of(context.Packages);
        JvmTools.WriteHomeFile(context, ".lein/profiles.clj", LeiningenProfiles.Text(index));
        if (LeiningenProfiles.Init(index) is { } init)
        {
            JvmTools.WriteHomeFile(context, ".lein/init.clj", init);
        }

        // ~/.m2 is then in the cache.
        _environment["LEIN_JVM_OPTS"] = $"-Xmx400m {JvmTools.Directories(context, context.CacheDirectory)}";
        var command = Command(lein);
        context.Output.Heading("Building with Leiningen");
        context.Output.Detail($"Running: {string.Join(' ', command)}");
        var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            return new CompileFailed($"'{string.Join(' ', command)}' ended with status {exit.Status}. What it printed stands above.");
        }

        var keep = tools.Variable("LEIN_INCLUDE_IN_SLUG", project.UberjarName is null ? "yes" : "no") != "no";
        context.WriteFile(".profile.d/clojure.sh", keep ? Profile + RuntimeProfile : Profile);
        problem = keep ? await IncludeAsync().ConfigureAwait(false) : null;
        return problem is null ? new Compiled(tools.Exports) : new CompileFailed(problem);
    }

    /// <summary>The app's own lein, which may be of any version, or the machine's, which is 2.</summary>
    private string? ChooseLein(out string lein)
    {
        if (HasExecutable("lein"))
        {
            context.Output.Heading("Using vendored Leiningen at bin/lein");
            lein = Path.Combine(context.AppPath, "bin/lein");
            _environment["PATH"] = $"{context.AppPath}/bin:{_environment["PATH"]}";
            return null;
        }

        lein = "lein";
        return project.MinLeinVersion?.StartsWith('2') == true ? Toolchain.Missing(context, "Leiningen", "leiningen", "lein")
            : project.MinLeinVersion is null || project.MinLeinVersion.StartsWith('1')
                ? "Leiningen 1 is not supported. Say in project.clj that the app is for Leiningen 2, with :min-lein-version \"2.0.0\", or put a lein script of your own into bin/lein."
                : Toolchain.Unmet(":min-lein-version in project.clj", project.MinLeinVersion, "Leiningen 2");
    }

    private string? CheckPlugins() =>
        project.Plugins.Any(static p => p.Contains("lein-npm", StringComparison.Ordinal)) && context.FindProgram("npm") is null
            ? "The app's project.clj uses lein-npm, but this machine has no npm. Have Node.js installed on the platform's machine."
            : null;

    private ImmutableArray<string> Command(string lein)
    {
        if (tools.Words("BUILD_COMMAND") is { Length: > 0 } own)
        {
            return own;
        }

        if (HasExecutable("build"))
        {
            context.Output.Detail("Found bin/build; running it instead of default lein invocation.");
            return ["./bin/build"];
        }

        var task = tools.Words("LEIN_BUILD_TASK", project.UberjarName is null ? "with-profile production compile :all" : "uberjar");

        // A list of profiles leaves out the user's, where the operator's mirrors are.
        if (task.Length > 1 && task[0] == "with-profile" && task[1][0] is not ('+' or '-'))
        {
            task = task.SetItem(1, task[1] + ",user");
        }

        return [lein, .. task];
    }

    /// <summary>
    /// Puts the dependencies into the slug, for a <c>lein</c> that starts the app. Without the notes of where each came from they count as the
    /// dyno's own, and nothing is looked for elsewhere.
    /// </summary>
    private async ValueTask<string?> IncludeAsync()
    {
        if (!new SourceTree(context.CacheDirectory).HasDirectory(".m2"))
        {
            return null;
        }

        foreach (var command in (ImmutableArray<string>[])
        [
            ["rm", "-rf", "--", ".m2"],
            ["cp", "-a", "--", Path.Combine(context.CacheDirectory, ".m2"), "."],
            ["find", ".m2", "-name", "_remote.repositories", "-delete"],
        ])
        {
            var exit = await context.RunAsync(command, _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (!exit.Succeeded)
            {
                return $"The dependencies could not be copied into the app: '{command[0]}' ended with status {exit.Status}. What it printed stands above.";
            }
        }

        return null;
    }

    private bool HasExecutable(string name) => BuiltFiles.Below(context.Tree, "bin", depth: 1).Any(f => f.Name == name && f.Executable);
}
