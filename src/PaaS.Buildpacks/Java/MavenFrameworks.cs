namespace PaaS.Buildpacks;

/// <summary>What a pom.xml uses, by the words that Heroku's buildpack looks for in it.</summary>
/// <param name="pom">The file's text.</param>
internal sealed class MavenFrameworks(string pom)
{
    private const int MaxBytes = 4 << 20;

    /// <summary>Whether a driver of PostgreSQL is among the dependencies.</summary>
    public bool HasPostgres => Has("org.postgresql") || Has("postgresql") || Has("com.impossibl.pgjdbc-ng");

    private bool IsSpringBoot => Has("org.springframework.boot") && pom.Contains("<artifactId>spring-boot", StringComparison.Ordinal);

    /// <summary>Reads the app's pom.xml. One that is larger than 4 MiB, or none, uses nothing.</summary>
    public static MavenFrameworks Of(SourceTree tree)
    {
        try
        {
            return new MavenFrameworks(tree.ReadText("pom.xml", MaxBytes) ?? string.Empty);
        }
        catch (InvalidDataException)
        {
            // Maven has read it. Only the default process type can't be told.
            return new MavenFrameworks(string.Empty);
        }
    }

    /// <summary>The command of the web process, or null: of a known framework, for what the build has left in <c>target</c>.</summary>
    public string? Web(SourceTree tree)
    {
        if (!tree.HasDirectory("target"))
        {
            return null;
        }

        if (Has("io.quarkus"))
        {
            return "java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar";
        }

        // The largest jar is the one with everything in it.
        var jar = BuiltFiles.Below(tree, "target", depth: 1).Where(static f => f.Name.EndsWith(".jar", StringComparison.Ordinal)).MaxBy(static f => f.Size);
        var property = IsSpringBoot ? "server.port" : Has("org.wildfly.swarm") ? "swarm.http.port" : Has("io.micronaut") ? "micronaut.server.port" : null;
        return jar is null || property is null ? null : $"java -D{property}=$PORT $JAVA_OPTS -jar {jar.ShellWord}";
    }

    private bool Has(string group) => pom.Contains("<groupId>" + group, StringComparison.Ordinal);
}
