namespace PaaS.Buildpacks.Tests;

/// <summary>What Leiningen is called with, told by a program in its place.</summary>
[Collection(RealBuilds.Name)]
public sealed class LeiningenBuildTests
{
    private const string Lein = """
        #!/bin/bash
        printf 'arg %s\n' "${0##*/}" "$@"
        printf 'opts %s\n' $LEIN_JVM_OPTS
        echo "jvm $JVM_OPTS java ${JAVA_OPTS-none}"
        cat "$LEIN_HOME"/*.clj
        home=${LEIN_JVM_OPTS#*-Duser.home=}
        mkdir -p "${home%% *}/.m2/repository/a"
        echo x >"${home%% *}/.m2/repository/a/a.jar"
        echo x >"${home%% *}/.m2/repository/a/_remote.repositories"
        """;

    private const string Project = "(defproject a \"1\" :min-lein-version \"2.0.0\"";

    [Fact]
    public async Task A_project_with_an_uberjar_is_one_jar_and_nothing_else_goes_into_the_slug()
    {
        await using var rig = Rig(PackageSources.Default);

        var built = await rig.SucceedAsync(App(Project + " :uberjar-name \"a.jar\")"), JvmRig.Config(("JAVA_OPTS", "-Xmx1m")));

        Assert.Equal(["lein", "uberjar"], Said(rig, "arg "));
        Assert.Superset(new HashSet<string> { "-Xmx400m", $"-Duser.home={rig.Cache}" }, Said(rig, "opts ").ToHashSet());
        Assert.Contains("       jvm -Xmx600m java none\n       {}\n", rig.Output, StringComparison.Ordinal);
        var app = await rig.UnpackAsync(built.Slug);
        Assert.False(Directory.Exists(Path.Combine(app, ".m2")));
        Assert.Equal("export LEIN_NO_DEV=\"${LEIN_NO_DEV:-yes}\"\nexport RING_ENV=\"${RING_ENV:-production}\"\n", File.ReadAllText(Path.Combine(app, ".profile.d/clojure.sh")));
        Assert.True(File.Exists(Path.Combine(rig.Cache, ".m2/repository/a/_remote.repositories")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Other_projects_are_compiled_and_take_their_dependencies_along()
    {
        await using var rig = Rig(new PackageSources { Maven = new Uri("http://m.test/") });

        var built = await rig.SucceedAsync(App(Project + ")"));

        // The operator's mirrors are in the profile 'user'.
        Assert.Equal(["lein", "with-profile", "production,user", "compile", ":all"], Said(rig, "arg "));
        Assert.Contains("{:user {:mirrors {\"central\"", rig.Output, StringComparison.Ordinal);
        Assert.Contains("register-wagon-factory! \"http\"", rig.Output, StringComparison.Ordinal);
        var app = await rig.UnpackAsync(built.Slug);
        Assert.Equal(["a.jar"], Directory.EnumerateFiles(Path.Combine(app, ".m2"), "*", SearchOption.AllDirectories).Select(static f => Path.GetFileName(f)));
        Assert.Contains("-Duser.home=$HOME", File.ReadAllText(Path.Combine(app, ".profile.d/clojure.sh")), StringComparison.Ordinal);
        Assert.Equal("lein with-profile production trampoline run", built.Slug.ProcessTypes[ProcessType.Web]);
    }

    [Theory]
    [InlineData("LEIN_BUILD_TASK", "ring uberjar", "lein ring uberjar")]
    [InlineData("LEIN_BUILD_TASK", "with-profile +x jar", "lein with-profile +x jar")]
    [InlineData("BUILD_COMMAND", "lein do clean, jar;id", "lein do clean, jar;id")]
    public async Task The_app_may_name_its_task_or_its_command(string name, string value, string expected)
    {
        await using var rig = Rig(PackageSources.Default);

        await rig.SucceedAsync(App(Project + ")"), JvmRig.Config((name, value), ("LEIN_INCLUDE_IN_SLUG", "no")));

        Assert.Equal(expected, string.Join(' ', Said(rig, "arg ")));
    }

    [Fact]
    public async Task A_build_script_or_a_lein_of_the_apps_own_is_used()
    {
        await using var script = Rig(PackageSources.Default);
        await using var vendored = Rig(PackageSources.Default);

        await script.SucceedAsync(App(Project + ")").File("bin/build", Lein, 0b111_101_101));
        await vendored.SucceedAsync(App("(defproject a \"1\" :uberjar-name \"a.jar\")").File("bin/lein", Lein, 0b111_101_101));

        Assert.Equal(["build"], Said(script, "arg "));
        Assert.Contains("-----> Using vendored Leiningen at bin/lein\n", vendored.Output, StringComparison.Ordinal);
        Assert.Contains("/app/bin/lein uberjar\n", vendored.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(defproject a \"1\")", "Leiningen 1 is not supported")]
    [InlineData("(defproject a \"1\" :min-lein-version \"1.7\")", "Leiningen 1 is not supported")]
    [InlineData("(defproject a \"1\" :min-lein-version \"3.0\")", "asks for 3.0, but this platform has Leiningen 2")]
    [InlineData("(defproject a \"1\"", "could not be read: line 1: a ')' is missing")]
    public async Task A_project_that_can_not_be_built_is_refused(string project, string reason)
    {
        await using var rig = Rig(PackageSources.Default);

        Assert.Contains(reason, Assert.IsType<BuildFailed>(await rig.BuildAsync(App(project))).Reason, StringComparison.Ordinal);
    }

    private static TarBuilder App(string project) => new TarBuilder().File("project.clj", project);

    private static string[] Said(BuildRig rig, string start) =>
        [.. rig.Output.Split('\n').Select(static l => l.Trim()).Where(l => l.StartsWith(start, StringComparison.Ordinal)).Select(l => l[start.Length..])];

    private static BuildRig Rig(PackageSources packages) =>
        new(new BuildpackRegistry(new ClojureBuildpack()), o => JvmRig.Programs(Path.GetFullPath(Path.Combine(o.BuildsDirectory, "../bin")), packages, ("lein", Lein))(o));
}
