namespace PaaS.Buildpacks;

/// <summary>What sbt-native-packager's task <c>stage</c> leaves.</summary>
internal static class ScalaStage
{
    private static readonly string[] PostgresDrivers = ["org.postgresql.postgresql", "com.impossibl.pgjdbc-ng", "skunk-core", "postgresql-async", "quill-ndbc-postgres"];

    /// <summary>The web process for the only script there is; of Play before 2.4, <c>target/start</c>. An add-on if a driver of PostgreSQL is among the jars.</summary>
    public static BuildpackRelease Release(SourceTree tree)
    {
        var files = BuiltFiles.Below(tree);
        var scripts = files.Where(static f => f.Executable && IsStaged(f.Path)).ToList();
        var release = tree.HasFile("Procfile") ? BuildpackRelease.Empty
            : scripts.Count == 1 ? BuildpackRelease.Web($"{scripts[0].ShellWord} -Dhttp.port=$PORT")
            : tree.HasFile("target/start") ? BuildpackRelease.Web("target/start -Dhttp.port=$PORT $JAVA_OPTS")
            : BuildpackRelease.Empty;
        return files.Any(static f => f.Path.Contains("/universal/stage/lib/", StringComparison.Ordinal) && PostgresDrivers.Any(d => f.Name.Contains(d, StringComparison.Ordinal)))
            ? release with { AddOns = ["heroku-postgresql"] }
            : release;
    }

    /// <summary>Of sbt 1 <c>*/target/universal/stage/bin/*</c>, of sbt 2 <c>*/target/out/*/universal/stage/bin/*</c>.</summary>
    private static bool IsStaged(string path)
    {
        var rooted = "/" + path;
        var stage = rooted.IndexOf("/universal/stage/bin/", StringComparison.Ordinal);
        return stage >= 0 && (rooted[..stage].EndsWith("/target", StringComparison.Ordinal) || rooted[..stage].Contains("/target/out/", StringComparison.Ordinal));
    }
}
