namespace PaaS.Buildpacks.Tests;

/// <summary>What Maven is called with, told by a program in its place.</summary>
[Collection(RealBuilds.Name)]
public sealed class MavenBuildTests
{
    private const string Maven = """
        if [ "$2" = --version ]; then echo "Apache Maven 3.8.7"; exit; fi
        printf 'arg %s\n' "$@"
        printf 'opts %s\n' $MAVEN_OPTS
        echo "java $JAVA_HOME path ${PATH%%:*} options ${JAVA_OPTS-none} ${JAVA_TOOL_OPTIONS-none} greeting $GREETING user $MAVEN_USER_HOME repo ${MVNW_REPOURL-none}"
        for a; do case $a in *settings.xml) echo "settings:"; cat "$a"; esac; done
        """;

    [Fact]
    public async Task Herokus_goals_run_with_the_caches_repository_and_the_apps_config_vars()
    {
        await using var rig = Rig(PackageSources.Default);

        var built = await rig.SucceedAsync(App().File("system.properties", "java.runtime.version=17\n"), JvmRig.Config(("JAVA_OPTS", "-Xmx1m"), ("JAVA_TOOL_OPTIONS", "-Xmx1m"), ("GREETING", "hi"), ("MAVEN_JAVA_OPTS", "-Da=b -Dc=d")));

        var cache = Path.Combine(rig.Cache, ".m2");
        Assert.Contains("-----> Using OpenJDK 17", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       $ mvn -DskipTests clean dependency:list install\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal(["-B", "-DoutputFile=target/mvn-dependency-list.log", "-DskipTests", "clean", "dependency:list", "install"], Said(rig, "arg "));
        Assert.Superset(new HashSet<string> { "-Xmx1024m", "-Da=b", "-Dc=d", $"-Dmaven.repo.local={cache}/repository" }, Said(rig, "opts ").ToHashSet());
        Assert.Contains($"/bin options none none greeting hi user {cache} repo none\n", rig.Output, StringComparison.Ordinal);
        var app = await rig.UnpackAsync(built.Slug);
        Assert.Contains("export JAVA_HOME=\"/usr/lib/jvm/", File.ReadAllText(Path.Combine(app, ".profile.d/jvmcommon.sh")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(app, ".profile.d/jdbc.sh")));
        Assert.False(Directory.Exists(Path.Combine(app, ".m2")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task The_apps_goals_and_options_are_words_and_nothing_of_them_is_a_shells()
    {
        await using var rig = Rig(PackageSources.Default);

        await rig.SucceedAsync(App(), JvmRig.Config(("MAVEN_CUSTOM_GOALS", " verify  $(touch${IFS}x)"), ("MAVEN_CUSTOM_OPTS", "-P prod;id")));

        Assert.Equal(["-B", "-DoutputFile=target/mvn-dependency-list.log", "-P", "prod;id", "verify", "$(touch${IFS}x)"], Said(rig, "arg "));
        Assert.Contains(" !     No OpenJDK version is specified; OpenJDK ", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_stands_in_settings_outside_of_the_app()
    {
        await using var rig = Rig(new PackageSources { Maven = new Uri("http://m.test/maven2?a=1&b") });

        var built = await rig.SucceedAsync(App());

        Assert.Contains("--global-settings", Said(rig, "arg "));
        Assert.Contains("<mirrorOf>central</mirrorOf>", rig.Output, StringComparison.Ordinal);
        Assert.Contains("<url>http://m.test/maven2?a=1&amp;b</url>", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("checksumPolicy", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("m.test", Tree.Describe(await rig.UnpackAsync(built.Slug)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_the_machines_repository_stands_for_all_and_the_wrapper_is_left_aside()
    {
        await using var rig = Rig(JvmRig.Offline);

        await rig.SucceedAsync(App().File("mvnw", "exit 9", 0b111_101_101).File(".mvn/wrapper/maven-wrapper.properties"));

        Assert.Equal(["-DskipTests", "package"], Said(rig, "arg ")[^2..]);
        Assert.Contains("<mirrorOf>*</mirrorOf>", rig.Output, StringComparison.Ordinal);
        Assert.Contains("<url>file:///usr/share/maven-repo</url>", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" !     The Maven Wrapper would fetch Maven", rig.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0b111_101_101)]
    [InlineData(0b110_100_100)]
    public async Task The_apps_wrapper_is_used_executable_or_not(int mode)
    {
        await using var rig = Rig(new PackageSources { Maven = new Uri("https://m.test/") });

        await rig.SucceedAsync(App().File("mvnw", "#!/bin/sh\necho wrapper of $MVNW_REPOURL: $*\n", mode).File(".mvn/wrapper/maven-wrapper.properties"));

        Assert.Contains("       $ ./mvnw -DskipTests clean", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       wrapper of https://m.test: -B ", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrapper_without_properties_or_beside_a_version_is_not_used()
    {
        await using var rig = Rig(PackageSources.Default);
        await using var pinned = Rig(PackageSources.Default);

        await rig.SucceedAsync(App().File("mvnw", "exit 9", 0b111_101_101));
        await pinned.SucceedAsync(App().File("mvnw", "exit 9", 0b111_101_101).File(".mvn/wrapper/maven-wrapper.properties").File("system.properties", "maven.version=3.9.4\n"));

        Assert.Contains(" !     There is a mvnw but no .mvn/wrapper/maven-wrapper.properties", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" !     maven.version in system.properties asks for 3.9.4; Maven 3.8.7 of this platform is used", pinned.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_apps_come_from_their_place_in_Herokus_order()
    {
        var own = App().File(".m2/settings.xml", "<one/>").File("conf/m.xml", "<two/>").File("settings.xml", "<three/>");
        foreach (var (source, config, expected) in ((TarBuilder, ConfigVars, string)[])
        [
            (own, JvmRig.Config(("MAVEN_SETTINGS_PATH", "conf/m.xml")), "<one/>"),
            (App().File("conf/m-settings.xml", "<two/>").File("settings.xml", "<three/>"), JvmRig.Config(("MAVEN_SETTINGS_PATH", "conf/m-settings.xml")), "<two/>"),
            (App().File("settings.xml", "<three/>"), ConfigVars.Empty, "<three/>"),
        ])
        {
            await using var rig = Rig(PackageSources.Default);
            await rig.SucceedAsync(source, config);
            Assert.Contains("--settings", Said(rig, "arg "));
            Assert.Contains($"settings:\n       {expected}", rig.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Settings_are_fetched_with_the_builds_own_rights()
    {
        await using var index = MavenServer.Start(static path => path == "/s.xml" ? "<four/>"u8.ToArray() : null);
        await using var rig = Rig(PackageSources.Default);
        await using var missing = Rig(PackageSources.Default);

        await rig.SucceedAsync(App(), JvmRig.Config(("MAVEN_SETTINGS_URL", $"{index.Address}s.xml")));
        var failed = Assert.IsType<BuildFailed>(await missing.BuildAsync(App(), JvmRig.Config(("MAVEN_SETTINGS_URL", $"{index.Address}gone.xml"))));

        Assert.Contains("settings:\n       <four/>", rig.Output, StringComparison.Ordinal);
        Assert.Contains("MAVEN_SETTINGS_URL names could not be fetched", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MAVEN_SETTINGS_PATH", "gone.xml", "there is no such file in the app")]
    [InlineData("MAVEN_SETTINGS_PATH", "../../etc/passwd", "there is no such file in the app")]
    [InlineData("MAVEN_SETTINGS_URL", "file:///etc/passwd", "no http or https address")]
    [InlineData("MAVEN_SETTINGS_URL", "-o/x", "no http or https address")]
    public async Task Settings_that_can_not_be_had_fail_the_build(string name, string value, string reason)
    {
        await using var rig = Rig(PackageSources.Default);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App(), JvmRig.Config((name, value))));

        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("java.runtime.version=99", "java.runtime.version in system.properties asks for 99, but this platform has OpenJDK ")]
    [InlineData("java.runtime.version=newest", "is 'newest', which is no version of Java. Write one such as ")]
    [InlineData("java.runtime.version=17\nmaven.version=2.2.1", "maven.version in system.properties asks for 2.2.1, but this platform has Maven 3.8.7.")]
    public async Task A_version_that_the_machine_does_not_have_is_named_with_what_it_has(string properties, string reason)
    {
        await using var rig = Rig(PackageSources.Default);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App().File("system.properties", properties)));

        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_build_says_what_to_run_and_a_machine_without_Maven_how_to_get_it()
    {
        await using var rig = new BuildRig(options: o => JvmRig.Programs(Path.Combine(o.BuildsDirectory, "../bin"), PackageSources.Default, ("mvn", "exit 3"))(o));
        await using var bare = new BuildRig(options: static o => o with { Environment = new Dictionary<string, string> { ["PATH"] = "/nonexistent" } });

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App()));
        var none = Assert.IsType<BuildFailed>(await bare.BuildAsync(App()));

        Assert.Contains("'mvn -DskipTests clean dependency:list install' ended with status 3.", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("apt-get install maven", none.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_JDK_of_the_apps_own_is_used_and_goes_with_it()
    {
        await using var rig = Rig(PackageSources.Default);

        var built = await rig.SucceedAsync(App().File(".jdk/bin/java", "#!/bin/sh\n", 0b111_101_101));

        Assert.Contains("-----> Using provided JDK\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("/app/.jdk path ", rig.Output, StringComparison.Ordinal);
        Assert.Contains("export JAVA_HOME=\"$HOME/.jdk\"", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), ".profile.d/jvmcommon.sh")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_where_a_directory_must_be_fails_the_build_by_its_name()
    {
        await using var rig = Rig(PackageSources.Default);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App().File(".profile.d", "x")));

        Assert.Contains(".profile.d", failed.Reason, StringComparison.Ordinal);
    }

    private static TarBuilder App() => new TarBuilder().File("pom.xml", "<project/>");

    private static string[] Said(BuildRig rig, string start) =>
        [.. rig.Output.Split('\n').Select(static l => l.Trim()).Where(l => l.StartsWith(start, StringComparison.Ordinal)).Select(l => l[start.Length..])];

    private static BuildRig Rig(PackageSources packages) =>
        new(new BuildpackRegistry(new JavaBuildpack()), o => JvmRig.Programs(Path.GetFullPath(Path.Combine(o.BuildsDirectory, "../bin")), packages, ("mvn", Maven))(o));
}
