namespace PaaS.Buildpacks;

/// <summary>What Gradle builds of known frameworks are called with, and what they leave to be started (Heroku's rules).</summary>
internal static class GradleFrameworks
{
    /// <summary>The file in which a build leaves the framework's name for the release.</summary>
    public const string NamePath = ".heroku/gradle_buildpack_detected_app_framework";

    private const int MaxBytes = 4096;

    /// <summary>The tasks for a framework.</summary>
    /// <param name="framework">Its name; empty if none is known.</param>
    public static string Tasks(string framework) => framework switch
    {
        "spring-boot-webapp-runner" or "spring-boot" or "quarkus" => "build -x check",
        "micronaut" => "shadowJar -x check",
        "ratpack" => "installDist -x check",
        _ => "stage",
    };

    /// <summary>The command of the web process, or null.</summary>
    /// <param name="tree">The app as its build has left it.</param>
    public static string? Web(SourceTree tree)
    {
        string? framework;
        try
        {
            framework = tree.ReadText(NamePath, MaxBytes)?.Trim();
        }
        catch (InvalidDataException)
        {
            // No build of ours has written that.
            return null;
        }

        return framework switch
        {
            "spring-boot-webapp-runner" => Runner(tree) is { } jar ? $"cd build ; java $JAVA_OPTS -jar {jar} --expand-war --port $PORT libs/*.war" : null,
            "spring-boot" => Jar(tree, "server.port"),
            "micronaut" => Jar(tree, "micronaut.server.port"),
            "quarkus" => tree.HasFile("build/quarkus-app/quarkus-run.jar") ? "java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar build/quarkus-app/quarkus-run.jar" : null,
            "ratpack" => Script(tree),
            _ => null,
        };
    }

    private static string? Jar(SourceTree tree, string property)
    {
        var jar = BuiltFiles.Below(tree, "build/libs").FirstOrDefault(static f =>
            f.Name.EndsWith(".jar", StringComparison.Ordinal) && !((string[])["plain.jar", "sources.jar", "javadoc.jar"]).Any(end => f.Name.EndsWith(end, StringComparison.Ordinal)));
        return jar is null ? null : $"java -D{property}=$PORT $JAVA_OPTS -jar ./{jar.ShellWord}";
    }

    private static string? Runner(SourceTree tree)
    {
        var jar = BuiltFiles.Below(tree, "build").FirstOrDefault(static f =>
            f.Name.StartsWith("webapp-runner-", StringComparison.Ordinal) && f.Name.EndsWith(".jar", StringComparison.Ordinal));
        return jar is null ? null : "./" + (jar with { Path = jar.Path["build/".Length..] }).ShellWord;
    }

    /// <summary>The first of <c>*/build/install/*/bin/*</c> that can be run.</summary>
    private static string? Script(SourceTree tree)
    {
        var script = BuiltFiles.Below(tree).FirstOrDefault(static f => f.Executable && !f.Name.EndsWith(".bat", StringComparison.Ordinal) && IsInstalled(f.Path.Split('/')));
        return script is null ? null : "./" + script.ShellWord;
    }

    private static bool IsInstalled(string[] parts)
    {
        for (var i = 0; i + 4 < parts.Length; i++)
        {
            if (parts[i] == "build" && parts[i + 1] == "install" && parts[i + 3] == "bin")
            {
                return true;
            }
        }

        return false;
    }
}
