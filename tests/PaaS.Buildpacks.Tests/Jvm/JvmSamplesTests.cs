namespace PaaS.Buildpacks.Tests;

/// <summary>The sample apps, built in a sandbox from the machine's packages alone, started, and asked for their page.</summary>
[Collection(RealBuilds.Name)]
public sealed class JvmSamplesTests
{
    [FullTheory]
    [InlineData("java-jetty", "Java", "Hello from Java on Jetty\n", ".m2/repository")]
    [InlineData("gradle", "Gradle", "Hello from Gradle\n", ".gradle")]
    [InlineData("scala", "Scala", "Hello from Scala\n", null)]
    [InlineData("clojure-ring", "Clojure", "Hello from Clojure on Ring\n", ".m2/repository")]
    public async Task A_sample_is_built_twice_without_a_network_and_serves_its_page(string name, string language, string page, string? cache)
    {
        await using var rig = await BuildRig.Sandboxed(BuildpackRegistry.BuiltIn, static o => o with { Packages = JvmRig.Offline });
        var source = SampleApp.Source(name);

        await rig.SucceedAsync(source);
        var built = await rig.SucceedAsync(source, RealBuilds.Again);

        var app = await rig.UnpackAsync(built.Slug);
        Assert.Equal(language, built.Slug.BuildpackDescription);
        await using var running = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.StartsWith(page, await running.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.True(cache is null || Directory.Exists(Path.Combine(rig.Cache, cache)));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(app), static path => Path.GetFileName(path) is ".m2" or ".gradle" or ".lein");
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_small_Maven_app_is_built_in_a_sandbox()
    {
        await using var rig = await BuildRig.Sandboxed(BuildpackRegistry.BuiltIn, static o => o with { Packages = JvmRig.Offline });

        var built = await rig.SucceedAsync(SmallMavenApp());

        var app = await rig.UnpackAsync(built.Slug);
        Assert.True(File.Exists(Path.Combine(app, "target/small-1.jar")));
        Assert.Contains("BUILD SUCCESS", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("checksum", rig.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Downloading from", rig.Output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(rig.Cache, ".m2/repository/org/apache/maven")));
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task A_dynos_memory_is_the_limit_of_Javas_heap()
    {
        await using var rig = await BuildRig.Sandboxed(BuildpackRegistry.BuiltIn, static o => o with { Packages = JvmRig.Offline });

        var built = await rig.SucceedAsync(SampleApp.Source("java-jetty"));

        // -Xmx300m, less what the collector keeps for itself.
        await using var running = await RunningApp.ServeAsync(rig, built.Slug);
        var said = await running.Client.GetStringAsync("/memory");
        Assert.InRange(int.Parse(said.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), 280, 300);
    }

    [FullFact]
    public async Task Maven_fetches_from_the_operators_mirror_once()
    {
        await using var index = MavenServer.OfSystem(JvmRig.Library("test.lib", "greeting", "1.0"));
        await using var rig = await BuildRig.Sandboxed(
            BuildpackRegistry.BuiltIn, o => o with { Packages = new PackageSources { Maven = index.Address }, Network = ProcessNetwork.Host });
        var source = SmallMavenApp("<dependencies><dependency><groupId>test.lib</groupId><artifactId>greeting</artifactId><version>1.0</version></dependency></dependencies>", "new test.lib.Greeting();");

        // Debian's repository lacks what clean and install need.
        await rig.SucceedAsync(source, JvmRig.Config(("MAVEN_CUSTOM_GOALS", "package")));
        var asked = index.Asked.Count;
        await rig.SucceedAsync(source, JvmRig.Config(("MAVEN_CUSTOM_GOALS", "package"), ("BUILD_IT_AGAIN", "1")));

        Assert.Contains("/test/lib/greeting/1.0/greeting-1.0.jar", index.Asked);
        Assert.Contains("BUILD SUCCESS", rig.Output, StringComparison.Ordinal);
        Assert.Equal(asked, index.Asked.Count);
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task Leiningen_fetches_from_the_operators_mirrors_once()
    {
        await using var central = MavenServer.OfSystem(new Dictionary<string, byte[]>());
        await using var clojars = MavenServer.Start(JvmRig.Library("greeting", "greeting", "1.0").GetValueOrDefault);
        await using var rig = await BuildRig.Sandboxed(
            BuildpackRegistry.BuiltIn, o => o with { Packages = new PackageSources { Maven = central.Address, Clojars = clojars.Address }, Network = ProcessNetwork.Host });
        var source = new TarBuilder()
            .File("project.clj", """
                (defproject small "1" :min-lein-version "2.0.0" :uberjar-name "small.jar" :main small.core :aot :all
                  :exclusions [org.clojure/clojure]
                  :dependencies [[org.clojure/clojure "1.11.1"] [greeting "1.0"]])
                """)
            .File("src/small/core.clj", "(ns small.core (:gen-class))\n(defn -main [& _] (println \"hello\" (greeting.Greeting.)))\n");

        await rig.SucceedAsync(source);
        var asked = central.Asked.Count + clojars.Asked.Count;
        var built = await rig.SucceedAsync(source, RealBuilds.Again);

        Assert.Contains("/greeting/greeting/1.0/greeting-1.0.jar", clojars.Asked);
        Assert.Contains("/org/clojure/clojure/1.11.1/clojure-1.11.1.jar", central.Asked);
        Assert.Equal(asked, central.Asked.Count + clojars.Asked.Count);
        Assert.Equal("java -jar target/small.jar", built.Slug.ProcessTypes[ProcessType.Web]);
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task Gradle_fetches_from_the_operators_mirror_once()
    {
        await using var index = MavenServer.OfSystem(JvmRig.Library("test.lib", "greeting", "1.0"));
        await using var rig = await BuildRig.Sandboxed(
            BuildpackRegistry.BuiltIn, o => o with { Packages = new PackageSources { Maven = index.Address }, Network = ProcessNetwork.Host });
        var source = new TarBuilder()
            .File("build.gradle", "apply plugin: 'java'\nrepositories { mavenCentral() }\ndependencies { compile 'test.lib:greeting:1.0' }\ntask stage(dependsOn: 'jar')\n")
            .File("settings.gradle", "rootProject.name = 'small'\n")
            .File("src/main/java/Main.java", "public class Main { public static void main(String[] a) { new test.lib.Greeting(); } }\n");

        await rig.SucceedAsync(source);
        var asked = index.Asked.Count;
        var built = await rig.SucceedAsync(source, RealBuilds.Again);

        Assert.Contains("/test/lib/greeting/1.0/greeting-1.0.jar", index.Asked);
        Assert.Equal(asked, index.Asked.Count);
        Assert.True(File.Exists(Path.Combine(await rig.UnpackAsync(built.Slug), "build/libs/small.jar")));
        rig.AssertNothingLeft();
    }

    private static TarBuilder SmallMavenApp(string more = "", string code = "") => new TarBuilder()
        .File("pom.xml", $"""
            <project>
              <modelVersion>4.0.0</modelVersion>
              <groupId>test</groupId><artifactId>small</artifactId><version>1</version>
              <properties>
                <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              {more}
            </project>
            """)
        .File("system.properties", "java.runtime.version=17\n")
        .File("src/main/java/Small.java", $"public class Small {{ public static void main(String[] a) {{ {code} }} }}\n");
}
