using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>
/// The steps of a build without sbt: sources where sbt looks for them, compiled with the machine's scalac, into the layout of
/// sbt-native-packager. Only for platforms that use their machine's packages alone, where sbt could fetch nothing.
/// </summary>
internal sealed partial class ScalacBuild(BuildContext context, JvmTools tools, CancellationToken cancellationToken)
{
    private const int MaxSourceBytes = 4 << 20;
    private const string Classes = "target/classes";
    private const string Stage = "target/universal/stage";

    public async ValueTask<CompileResult> RunAsync()
    {
        if (Toolchain.Missing(context, "Scala", "scala", "scalac") is { } missing)
        {
            return new CompileFailed(missing);
        }

        var project = ScalaProject.Of(context.Tree);
        if (project.HasDependencies)
        {
            return new CompileFailed("This platform builds without a network and has no sbt, so it compiles Scala with its own scalac and brings no libraries or plugins; build.sbt asks for some. Put the jars into lib/ and take them out of build.sbt, or have sbt installed on the platform's machine.");
        }

        var problem = await CheckVersionAsync(project).ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        var sources = Sources();
        var main = project.MainClass is { } named ? [named] : Mains(sources);
        if (sources.Count == 0 || main.Count != 1)
        {
            return new CompileFailed(
                sources.Count == 0 ? "There is no Scala source in src/main/scala or in the root of the app. Put it where sbt looks for it."
                : main.Count == 0 ? "No object of the sources can be started: none extends App or has a 'def main(args: Array[String])'. Add one."
                : $"Several objects can be started: {string.Join(", ", main)}. Name one in build.sbt: Compile / mainClass := Some(\"{main[0]}\").");
        }

        problem = await CompileAsync(sources).ConfigureAwait(false) ?? await PackAsync(project.Name).ConfigureAwait(false);
        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        context.WriteFile($"{Stage}/bin/{project.Name}", StartScript(main[0]), executable: true);
        return new Compiled(tools.Exports);
    }

    private static string StartScript(string main) => $$"""
        #!/usr/bin/env bash
        # Starts {{main}}. Arguments such as -Dhttp.port=5000 and -J-Xmx300m are options of Java.
        stage=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
        options=() arguments=()
        for argument; do
            case $argument in
                -D*) options+=("$argument") ;;
                -J*) options+=("${argument#-J}") ;;
                *) arguments+=("$argument") ;;
            esac
        done
        exec java ${JAVA_OPTS:-} "${options[@]}" -cp "$stage/lib/*" {{main}} "${arguments[@]}"

        """;

    /// <summary>Programs of one line of versions (2.11, 2.12...) go together; of another one they don't.</summary>
    private async ValueTask<string?> CheckVersionAsync(ScalaProject project)
    {
        var (exit, text) = await context.ReadAsync(["scalac", "-version"], tools.Environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (Version().Match(text) is not { Success: true } match)
        {
            return $"'scalac -version' ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair Scala on the platform's machine.";
        }

        var found = match.Groups[1].Value;
        context.Output.Heading($"Using Scala {found}");
        if (project.ScalaVersion is null || project.ScalaVersion == found)
        {
            return null;
        }

        if (Line(project.ScalaVersion) != Line(found))
        {
            return Toolchain.Unmet("scalaVersion in build.sbt", project.ScalaVersion, $"Scala {found}");
        }

        context.Output.Warning($"scalaVersion in build.sbt asks for {TreeName.Shown(project.ScalaVersion)}; Scala {found} of this platform is used.");
        return null;

        static string Line(string version) => string.Join('.', version.Split('.').Take(2));
    }

    private List<string> Sources() =>
    [
        .. BuiltFiles.Below(context.Tree, depth: 1).Select(static f => f.Path).Where(static p => p.EndsWith(".scala", StringComparison.Ordinal)),
        .. ((string[])["src/main/scala", "src/main/java"]).SelectMany(directory => BuiltFiles.Below(context.Tree, directory)).Select(static f => f.Path)
            .Where(static p => p.EndsWith(".scala", StringComparison.Ordinal) || p.EndsWith(".java", StringComparison.Ordinal)),
    ];

    private List<string> Mains(List<string> sources) =>
        [.. sources.Where(static p => p.EndsWith(".scala", StringComparison.Ordinal)).SelectMany(path => ScalaProject.MainsOf(context.Tree.ReadText(path, MaxSourceBytes) ?? string.Empty)).Distinct()];

    /// <summary>scalac reads Java's sources too, to know their types; javac then makes their classes.</summary>
    private async ValueTask<string?> CompileAsync(List<string> sources)
    {
        context.Output.Heading($"Compiling {sources.Count} Scala and Java {(sources.Count == 1 ? "source" : "sources")}");
        var environment = new Dictionary<string, string>(tools.Environment, StringComparer.Ordinal) { ["JAVA_OPTS"] = $"-Xmx1024m -Xss4m {JvmTools.Directories(context)}" };
        var jars = string.Join(':', BuiltFiles.Below(context.Tree, "lib", depth: 1).Select(static f => f.Path).Where(static p => p.EndsWith(".jar", StringComparison.Ordinal)));
        ImmutableArray<string> java = [.. sources.Where(static p => p.EndsWith(".java", StringComparison.Ordinal))];
        var problem = await RunAsync(["rm", "-rf", "--", Classes, Stage], environment).ConfigureAwait(false)
            ?? await RunAsync(["mkdir", "-p", Classes, $"{Stage}/lib"], environment).ConfigureAwait(false)
            ?? await RunAsync(["scalac", "-encoding", "UTF-8", "-d", Classes, .. jars.Length > 0 ? ["-classpath", jars] : Array.Empty<string>(), .. sources], environment).ConfigureAwait(false);
        return problem is null && java.Length > 0
            ? await RunAsync([$"{tools.Home}/bin/javac", "-encoding", "UTF-8", "-d", Classes, "-classpath", $"{Classes}:{Library()}:{jars}", .. java], environment).ConfigureAwait(false)
            : problem;
    }

    private async ValueTask<string?> PackAsync(string name)
    {
        context.Output.Heading($"Staging into {Stage}");
        var problem = context.Tree.HasDirectory("src/main/resources")
            ? await RunAsync(["cp", "-R", "--", "src/main/resources/.", Classes], tools.Environment).ConfigureAwait(false)
            : null;
        ImmutableArray<string> jars = [Library(), .. BuiltFiles.Below(context.Tree, "lib", depth: 1).Select(static f => f.Path).Where(static p => p.EndsWith(".jar", StringComparison.Ordinal))];
        return problem
            ?? await RunAsync([$"{tools.Home}/bin/jar", "--create", "--file", $"{Stage}/lib/{name}.jar", "-C", Classes, "."], tools.Environment).ConfigureAwait(false)
            ?? await RunAsync(["cp", "-L", "--", .. jars, $"{Stage}/lib/"], tools.Environment).ConfigureAwait(false);
    }

    /// <summary>Scala's own library, beside its compiler.</summary>
    private string Library()
    {
        var scalac = context.FindProgram("scalac")!;
        var target = new FileInfo(scalac).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? scalac;
        return Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(target))!, "lib", "scala-library.jar");
    }

    private async ValueTask<string?> RunAsync(ImmutableArray<string> command, Dictionary<string, string> environment)
    {
        var exit = await context.RunAsync(command, environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'{Path.GetFileName(command[0])}' ended with status {exit.Status}. What it printed stands above.";
    }

    [GeneratedRegex(@"version ([0-9]+\.[0-9]+[0-9A-Za-z.-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
