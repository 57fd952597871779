namespace PaaS.Buildpacks.Tests;

/// <summary>What Gradle is called with, told by a script in its place.</summary>
[Collection(RealBuilds.Name)]
public sealed class GradleBuildTests
{
    private const string Gradle = """
        #!/bin/bash
        case " $* " in
            *paas-probe.gradle*) echo "noise"; echo "paas-probe stage=${STAGE:-false} framework=$FRAMEWORK"; [ -z "$BROKEN" ] || { echo "What went wrong"; exit 1; } ;;
            *)
                printf 'arg %s\n' "$@"
                echo "home $GRADLE_USER_HOME options $GRADLE_OPTS java ${JAVA_OPTS-none}"
                for a; do case $a in *.gradle) echo "script:"; cat "$a"; esac; done
                ;;
        esac
        """;

    [Theory]
    [InlineData("true", "", "stage")]
    [InlineData("true", "spring-boot", "stage")]
    [InlineData("false", "spring-boot", "build -x check")]
    [InlineData("false", "spring-boot-webapp-runner", "build -x check")]
    [InlineData("false", "quarkus", "build -x check")]
    [InlineData("false", "micronaut", "shadowJar -x check")]
    [InlineData("false", "ratpack", "installDist -x check")]
    [InlineData("false", "", "stage")]
    public async Task The_wrapper_runs_stage_or_what_the_framework_calls_for(string stage, string framework, string tasks)
    {
        await using var rig = Rig(PackageSources.Default);

        var built = await rig.SucceedAsync(App(), JvmRig.Config(("STAGE", stage), ("FRAMEWORK", framework)));

        Assert.Contains($"       $ ./gradlew {tasks}\n", rig.Output, StringComparison.Ordinal);
        Assert.EndsWith(tasks.Replace(' ', '\n'), string.Join('\n', Said(rig)), StringComparison.Ordinal);
        Assert.Contains("--no-daemon", Said(rig));
        Assert.Equal(framework + "\n", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), ".heroku/gradle_buildpack_detected_app_framework")));
    }

    [Fact]
    public async Task The_apps_task_comes_first_and_with_a_Procfile_the_build_is_asked_nothing()
    {
        await using var rig = Rig(PackageSources.Default);

        await rig.SucceedAsync(App().File("Procfile", "web: x\n"), JvmRig.Config(("GRADLE_TASK", "jar  -x test;id"), ("GRADLE_OPTS", "-Da=b"), ("GRADLE_USER_HOME", "/nowhere"), ("JAVA_OPTS", "-Xmx1m"), ("BROKEN", "1")));

        Assert.Equal(["jar", "-x", "test;id"], Said(rig)[^3..]);
        Assert.Contains($"       home {rig.Cache}/.gradle options -Xmx1024m -Duser.home=", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" -Da=b java none\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--init-script", Said(rig));
    }

    [Fact]
    public async Task A_build_that_can_not_be_read_fails_with_what_Gradle_said()
    {
        await using var rig = Rig(PackageSources.Default);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(App(), JvmRig.Config(("BROKEN", "1"))));

        Assert.Contains("Gradle could not read the build (status 1)", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("       What went wrong\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_stands_in_a_script_outside_of_the_app()
    {
        await using var rig = Rig(new PackageSources { Maven = new Uri("https://m.test/it's") });

        await rig.SucceedAsync(App());

        Assert.Contains("def mirror = new URI('https://m.test/it\\'s')", rig.Output, StringComparison.Ordinal);
        Assert.Contains("repository.url.host ==~", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--offline", Said(rig));
    }

    [Fact]
    public async Task Offline_the_machines_Gradle_and_repository_are_used()
    {
        await using var rig = Rig(JvmRig.Offline);

        await rig.SucceedAsync(App(), JvmRig.Config(("STAGE", "true")));

        Assert.Contains("       $ gradle stage\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("--offline", Said(rig));
        Assert.Contains("new URI('file:///usr/share/maven-repo')", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" !     The Gradle Wrapper would fetch Gradle", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_wrapper_the_machines_Gradle_is_used_and_said_to_be()
    {
        await using var rig = Rig(PackageSources.Default);

        await rig.SucceedAsync(new TarBuilder().File("build.gradle.kts", ""));

        Assert.Contains(" !     There is no gradlew, so this platform's Gradle is used.", rig.Output, StringComparison.Ordinal);
    }

    private static TarBuilder App() => new TarBuilder().File("build.gradle", "").File("gradlew", Gradle, 0b111_101_101);

    private static string[] Said(BuildRig rig) =>
        [.. rig.Output.Split('\n').Select(static l => l.Trim()).Where(static l => l.StartsWith("arg ", StringComparison.Ordinal)).Select(static l => l[4..])];

    private static BuildRig Rig(PackageSources packages) =>
        new(new BuildpackRegistry(new GradleBuildpack()), o => JvmRig.Programs(Path.GetFullPath(Path.Combine(o.BuildsDirectory, "../bin")), packages, ("gradle", Gradle))(o));
}
