namespace PaaS.Buildpacks.Tests;

/// <summary>What detection and release say of trees; the answers are those of Heroku's scripts.</summary>
public sealed class JvmReleaseTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    [Theory]
    [InlineData("pom.xml", "heroku/java")]
    [InlineData("pom.groovy", "heroku/java")]
    [InlineData("pom.json", null)]
    [InlineData("gradlew", "heroku/gradle")]
    [InlineData("settings.gradle.kts", "heroku/gradle")]
    [InlineData("gradle.properties", null)]
    [InlineData("web.sbt", "heroku/scala")]
    [InlineData(".sbt/x", null)]
    [InlineData(".sbt/global.scala", "heroku/scala")]
    [InlineData(".sbtrc", "heroku/scala")]
    [InlineData("project/build.properties", "heroku/scala")]
    [InlineData("project/Build.scala", "heroku/scala")]
    [InlineData("project/plugins.sbt", null)]
    [InlineData("project/.hidden.scala", null)]
    [InlineData("Main.scala", null)]
    [InlineData("project.clj", "heroku/clojure")]
    [InlineData("deps.edn", null)]
    public async Task A_file_tells_the_buildpack(string path, string? buildpack)
    {
        Tree.Write(_temp.Path, (path, "x"));

        Assert.Equal(buildpack, (await Jvm().InspectAsync(new SourceTree(_temp.Path))).Buildpack);
    }

    [Fact]
    public async Task A_directory_with_a_files_name_counts_only_for_sbt()
    {
        foreach (var name in (string[])["pom.xml", "build.gradle", "project.clj"])
        {
            Directory.CreateDirectory(_temp[name]);
        }

        Assert.Null((await Jvm().InspectAsync(new SourceTree(_temp.Path))).Buildpack);
        Directory.CreateDirectory(_temp["x.sbt"]);
        Assert.Equal("heroku/scala", (await Jvm().InspectAsync(new SourceTree(_temp.Path))).Buildpack);
    }

    [Theory]
    [InlineData("<groupId>org.springframework.boot</groupId>\n<artifactId>spring-boot-starter-web</artifactId>", "java -Dserver.port=$PORT $JAVA_OPTS -jar target/web-1.jar")]
    [InlineData("<groupId>org.springframework.boot</groupId>", null)]
    [InlineData("<groupId>org.wildfly.swarm</groupId>", "java -Dswarm.http.port=$PORT $JAVA_OPTS -jar target/web-1.jar")]
    [InlineData("<groupId>io.micronaut</groupId>", "java -Dmicronaut.server.port=$PORT $JAVA_OPTS -jar target/web-1.jar")]
    [InlineData("<groupId>io.quarkus</groupId>", "java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar")]
    [InlineData("<groupId>t</groupId>", null)]
    public async Task Mavens_web_process_is_its_frameworks_with_the_largest_jar(string pom, string? web)
    {
        Tree.Write(_temp.Path, ("pom.xml", $"<project>{pom}</project>"), ("target/web-1.jar", "large"), ("target/a.jar", "s"), ("target/classes/larger.jar", "larger still"));

        Assert.Equal(web, await Web());
        Tree.Write(_temp.Path, ("Procfile", "worker: x\n"));
        Assert.Null(await Web());
    }

    [Fact]
    public async Task A_tree_that_was_not_built_has_no_default_process()
    {
        Tree.Write(_temp.Path, ("pom.xml", "<groupId>io.quarkus</groupId>"));

        Assert.Null(await Web());
    }

    [Fact]
    public async Task A_name_that_a_shell_would_split_is_quoted()
    {
        Tree.Write(_temp.Path, ("pom.xml", "<groupId>io.micronaut</groupId>"), ("target/a b';x.jar", "x"));

        Assert.Equal("java -Dmicronaut.server.port=$PORT $JAVA_OPTS -jar 'target/a b'\\'';x.jar'", await Web());
    }

    [Theory]
    [InlineData("<groupId>org.postgresql</groupId>", true)]
    [InlineData("<groupId>com.impossibl.pgjdbc-ng</groupId>", true)]
    [InlineData("<groupId>mysql</groupId>", false)]
    public async Task A_driver_of_PostgreSQL_asks_for_the_addon(string pom, bool expected)
    {
        Tree.Write(_temp.Path, ("pom.xml", pom));
        var release = await new JavaBuildpack().ReleaseAsync(new BuildContext(new SourceTree(_temp.Path)), default);

        Assert.Equal(expected ? ["heroku-postgresql"] : [], release.AddOns.AsEnumerable());
    }

    [Theory]
    [InlineData("spring-boot", "java -Dserver.port=$PORT $JAVA_OPTS -jar ./build/libs/web.jar")]
    [InlineData("micronaut", "java -Dmicronaut.server.port=$PORT $JAVA_OPTS -jar ./build/libs/web.jar")]
    [InlineData("quarkus", "java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar build/quarkus-app/quarkus-run.jar")]
    [InlineData("spring-boot-webapp-runner", "cd build ; java $JAVA_OPTS -jar ./server/webapp-runner-9.jar --expand-war --port $PORT libs/*.war")]
    [InlineData("ratpack", "./api/build/install/api/bin/api")]
    [InlineData("", null)]
    [InlineData("other", null)]
    public async Task Gradles_web_process_is_that_of_the_framework_it_was_built_with(string framework, string? web)
    {
        Tree.Write(
            _temp.Path,
            ("build.gradle", "x"),
            (".heroku/gradle_buildpack_detected_app_framework", framework + "\n"),
            ("build/libs/web.jar", "x"),
            ("build/libs/app-plain.jar", "x"),
            ("build/libs/app-sources.jar", "x"),
            ("build/quarkus-app/quarkus-run.jar", "x"),
            ("build/server/webapp-runner-9.jar", "x"),
            ("api/build/install/api/bin/api", "x"),
            ("api/build/install/api/bin/api.bat", "x"),
            ("api/build/install/api/lib/a", "x"));
        Executable("api/build/install/api/bin/api", "api/build/install/api/bin/api.bat", "api/build/install/api/lib/a");

        Assert.Equal(web, await Web());
    }

    [Fact]
    public async Task Scalas_web_process_is_the_only_script_that_was_staged()
    {
        Tree.Write(_temp.Path, ("build.sbt", ""), ("target/universal/stage/bin/web", "x"), ("target/universal/stage/bin/web.bat", "x"), ("target/start", "x"));

        Assert.Equal("target/start -Dhttp.port=$PORT $JAVA_OPTS", await Web());
        Executable("target/universal/stage/bin/web");
        Assert.Equal("target/universal/stage/bin/web -Dhttp.port=$PORT", await Web());
        Tree.Write(_temp.Path, ("sub/target/universal/stage/bin/admin", "x"));
        Executable("sub/target/universal/stage/bin/admin");
        Assert.Equal("target/start -Dhttp.port=$PORT $JAVA_OPTS", await Web());
    }

    [Theory]
    [InlineData("target/out/jvm/scala-3.7/web/universal/stage/bin/web", true)]
    [InlineData("api/target/universal/stage/bin/deep/web", true)]
    [InlineData("xtarget/universal/stage/bin/web", false)]
    [InlineData("target/universal/other/bin/web", false)]
    public async Task The_stage_of_sbt_1_and_2_is_known_wherever_it_is(string path, bool expected)
    {
        Tree.Write(_temp.Path, ("build.sbt", ""), (path, "x"));
        Executable(path);

        Assert.Equal(expected ? $"{path} -Dhttp.port=$PORT" : null, await Web());
    }

    [Theory]
    [InlineData("(defproject a \"1\" :uberjar-name \"a.jar\")", "java -jar target/a.jar")]
    [InlineData("(defproject a \"1\" :profiles {:uberjar {:uberjar-name \"a.jar\"}})", "java -jar target/a.jar")]
    [InlineData("(defproject a \"1\" :uberjar-name \"other.jar\")", "java -jar target/a-1-standalone.jar")]
    [InlineData("(defproject a \"1\")", "lein with-profile production trampoline run")]
    [InlineData("(defproject a \"1\"", null)]
    public async Task Leiningens_web_process_is_the_uberjar_or_a_trampoline(string project, string? web)
    {
        Tree.Write(_temp.Path, ("project.clj", project), ("target/a-1.jar", "x"), ("target/a.jar", "xx"), ("target/a-1-standalone.jar", "xxx"));

        Assert.Equal(web, await Web());
    }

    public void Dispose() => _temp.Dispose();

    private static BuildpackRegistry Jvm() => new(new ClojureBuildpack(), new JavaBuildpack(), new GradleBuildpack(), new ScalaBuildpack());

    private void Executable(params string[] paths)
    {
        foreach (var path in paths)
        {
            File.SetUnixFileMode(_temp[path], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<string?> Web()
    {
        var inspection = await Jvm().InspectAsync(new SourceTree(_temp.Path));
        Assert.NotNull(inspection.Buildpack);
        return inspection.DefaultProcessTypes.GetValueOrDefault(ProcessType.Web);
    }
}
