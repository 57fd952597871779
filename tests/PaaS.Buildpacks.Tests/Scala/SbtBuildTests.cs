using System.Text;

namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class SbtBuildTests
{
    private const string Sbt = """
        printf 'arg %s\n' "$@"
        printf 'opts %s\n' $SBT_OPTS
        for o in $SBT_OPTS; do case $o in -Dsbt.repository.config=*) cat "${o#*=}" ;; esac; done
        ls target 2>/dev/null | sed 's/^/before /'
        mkdir -p target/scala-2.13 target/streams target/universal/stage/bin target/universal/stage/lib
        printf '#!/bin/sh\n' >target/universal/stage/bin/web
        chmod +x target/universal/stage/bin/web
        touch target/universal/stage/lib/org.postgresql.postgresql-42.jar
        """;

    [Fact]
    public async Task Herokus_tasks_run_and_only_what_is_staged_goes_into_the_slug()
    {
        await using var rig = Rig(PackageSources.Default);

        var built = await rig.SucceedAsync(App(), JvmRig.Config(("SBT_OPTS", "-J-Xmx2g -Da=b")));
        var first = rig.Output;
        await rig.SucceedAsync(App());

        Assert.Contains("-----> Running: sbt compile stage\n", first, StringComparison.Ordinal);
        Assert.Equal(["compile", "stage"], Said(first, "arg "));
        Assert.Superset(new HashSet<string> { "-Xmx1024m", $"-Dsbt.coursier.home={rig.Cache}/coursier_home", "-Xmx2g", "-Da=b" }, Said(first, "opts ").ToHashSet());
        Assert.DoesNotContain("before ", first, StringComparison.Ordinal);
        Assert.Equal(["scala-2.13", "streams", "universal"], Said(rig.Output, "before "));
        Assert.Equal("target/universal/stage/bin/web -Dhttp.port=$PORT", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal(["universal"], Directory.GetDirectories(Path.Combine(await rig.UnpackAsync(built.Slug), "target")).Select(static d => Path.GetFileName(d)));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Tasks_may_be_named_cleaned_and_of_one_project()
    {
        await using var rig = Rig(new PackageSources { Maven = new Uri("http://m.test/maven2") });

        await rig.SucceedAsync(App(), JvmRig.Config(("SBT_TASKS", "pack ;id"), ("SBT_PRE_TASKS", "a"), ("SBT_CLEAN", "true"), ("SBT_PROJECT", "web"), ("KEEP_SBT_CACHE", "true")));

        Assert.Equal(["web/clean", "web/a", "web/pack", "web/;id"], Said(rig.Output, "arg "));
        Assert.Contains("paas-mirror: http://m.test/maven2/\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Dropping compilation artifacts", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_of_sbt_is_demanded()
    {
        await using var rig = Rig(PackageSources.Default);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("build.sbt", "")));

        Assert.Contains("project/build.properties", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_sbt_its_launcher_is_fetched_once_and_checked(bool isTrue)
    {
        var launcher = Launcher();
        const string Jar = "/org/scala-sbt/sbt-launch/1.9.9/sbt-launch-1.9.9.jar";
        await using var index = MavenServer.Start(path => path == Jar ? launcher : path == Jar + ".sha1" && !isTrue ? Encoding.ASCII.GetBytes(new string('0', 40)) : null);
        await using var rig = new BuildRig(new BuildpackRegistry(new ScalaBuildpack()), o => o with { Packages = new PackageSources { Maven = index.Address } });

        if (!isTrue)
        {
            Assert.Contains("not what its checksum says", Assert.IsType<BuildFailed>(await rig.BuildAsync(App())).Reason, StringComparison.Ordinal);
            return;
        }

        await rig.SucceedAsync(App());
        await rig.SucceedAsync(App(), RealBuilds.Again);

        Assert.Equal([Jar, Jar + ".sha1"], index.Asked);
        Assert.Contains($"       launched compile stage with {rig.Cache}/sbt_boot\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_not_in_the_index_is_said_so()
    {
        await using var index = MavenServer.Start(static _ => null);
        await using var rig = new BuildRig(new BuildpackRegistry(new ScalaBuildpack()), o => o with { Packages = new PackageSources { Maven = index.Address } });

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App()));

        Assert.Contains("The launcher of sbt 1.9.9 could not be fetched from http://127.0.0.1:", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libraryDependencies += \"a\" % \"b\" % \"1\"", "scalac", "brings no libraries or plugins")]
    [InlineData("scalaVersion := \"3.3.1\"", "object A extends App", "scalaVersion in build.sbt asks for 3.3.1, but this platform has Scala 2.11.12.")]
    [InlineData("", null, "There is no Scala source")]
    [InlineData("", "object A", "No object of the sources can be started")]
    [InlineData("", "object A extends App\nobject B extends App", "Several objects can be started: A, B.")]
    public async Task What_can_not_be_built_without_sbt_is_said(string build, string? source, string reason)
    {
        await using var rig = new BuildRig(
            new BuildpackRegistry(new ScalaBuildpack()),
            o => JvmRig.Programs(Path.GetFullPath(Path.Combine(o.BuildsDirectory, "../bin")), JvmRig.Offline, ("scalac", "echo 'Scala compiler version 2.11.12 -- x'"))(o));
        var app = new TarBuilder().File("build.sbt", build);

        Assert.Contains(reason, Assert.IsType<BuildFailed>(await rig.BuildAsync(source is null ? app : app.File("src/main/scala/A.scala", source))).Reason, StringComparison.Ordinal);
    }

    /// <summary>A jar that says how it was started.</summary>
    private static byte[] Launcher()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Boot.java", "public class Boot { public static void main(String[] a) { System.out.println(\"launched \" + String.join(\" \", a) + \" with \" + System.getProperty(\"sbt.boot.directory\")); } }\n"));
        JvmRig.Run(temp.Path, "javac", "-d", "classes", "Boot.java");
        JvmRig.Run(temp.Path, "jar", "--create", "--file", "boot.jar", "--main-class", "Boot", "-C", "classes", ".");
        return File.ReadAllBytes(temp["boot.jar"]);
    }

    private static TarBuilder App() => new TarBuilder().File("build.sbt", "name := \"web\"\n").File("project/build.properties", "sbt.version=1.9.9\n");

    private static string[] Said(string output, string start) =>
        [.. output.Split('\n').Select(static l => l.Trim()).Where(l => l.StartsWith(start, StringComparison.Ordinal)).Select(l => l[start.Length..])];

    private static BuildRig Rig(PackageSources packages) =>
        new(new BuildpackRegistry(new ScalaBuildpack()), o => JvmRig.Programs(Path.GetFullPath(Path.Combine(o.BuildsDirectory, "../bin")), packages, ("sbt", Sbt))(o));
}
