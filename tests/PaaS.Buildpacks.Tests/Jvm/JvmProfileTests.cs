using System.Diagnostics;

namespace PaaS.Buildpacks.Tests;

public sealed class JvmProfileTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    [Theory]
    [InlineData("512", "-Dfile.encoding=UTF-8 -XX:MaxRAM=512m -Xmx300m -Xss512k -XX:CICompilerCount=2")]
    [InlineData("1024", "-Dfile.encoding=UTF-8 -XX:MaxRAM=1024m -Xmx671m -XX:CICompilerCount=2")]
    [InlineData("2560", "-Dfile.encoding=UTF-8 -XX:MaxRAM=2560m -XX:MaxRAMPercentage=80.0")]
    public async Task Java_gets_the_options_for_the_dynos_size(string memory, string options)
    {
        var (said, error) = await Run(Java(), "echo $JAVA_OPTS; echo $JAVA_TOOL_OPTIONS; echo $JAVA_HOME; echo ${PATH%%:*}", ("MEMORY_AVAILABLE", memory), ("DYNO", "web.1"));

        Assert.Equal($"{options}\n{options}\n{_temp["jdk"]}\n{_temp["jdk/bin"]}\n", said);
        Assert.Equal("Setting JAVA_TOOL_OPTIONS defaults based on dyno size. Custom settings will override them.\n", error);
    }

    [Fact]
    public async Task What_the_app_sets_comes_last_and_a_oneoff_dyno_keeps_its_tools_quiet()
    {
        var (said, error) = await Run(Java(), "echo $JAVA_OPTS; echo ${JAVA_TOOL_OPTIONS-none}", ("MEMORY_AVAILABLE", "512"), ("DYNO", "run.7"), ("JAVA_OPTS", "-Xmx100m"));
        var (worker, silence) = await Run(Java(), "echo $JAVA_TOOL_OPTIONS", ("MEMORY_AVAILABLE", "512"), ("DYNO", "worker.1"), ("JAVA_TOOL_OPTIONS", "-Da=b"));

        Assert.EndsWith("-XX:CICompilerCount=2 -Xmx100m\nnone\n", said, StringComparison.Ordinal);
        Assert.EndsWith("-XX:CICompilerCount=2 -Da=b\n", worker, StringComparison.Ordinal);
        Assert.Equal(("", ""), (error, silence));
    }

    [Theory]
    [InlineData("x; touch hacked")]
    [InlineData("0")]
    [InlineData("99999999999")]
    public async Task A_size_that_is_none_is_not_believed(string memory)
    {
        var (said, _) = await Run(Java(), "echo $JAVA_OPTS", ("MEMORY_AVAILABLE", memory), ("DYNO", "web.1"));

        Assert.DoesNotContain(memory, said, StringComparison.Ordinal);
        Assert.False(File.Exists(_temp["hacked"]));
    }

    [Fact]
    public async Task A_JDK_that_a_dyno_does_not_have_is_left_out()
    {
        var (said, _) = await Run(JvmProfile.Java(_temp["gone"]), "echo ${JAVA_HOME-none}", ("DYNO", "run.1"));

        Assert.Equal("none\n", said);
    }

    [Theory]
    [InlineData("postgres://u:p@db.example:5432/shop", "jdbc:postgresql://db.example:5432/shop?password=p&user=u", "u", "p")]
    [InlineData("postgres://u:p%40@db/shop?sslmode=require", "jdbc:postgresql://db/shop?sslmode=require&password=p%40&user=u", "u", "p%40")]
    [InlineData("mysql://u:$(id)@db/shop#x", "jdbc:mysql://db/shop?password=$(id)&user=u#x", "u", "$(id)")]
    public async Task A_databases_address_is_written_for_JDBC(string url, string jdbc, string user, string password)
    {
        var (said, _) = await Run(
            JvmProfile.Jdbc,
            "echo \"$JDBC_DATABASE_URL\"; echo \"$JDBC_DATABASE_USERNAME $JDBC_DATABASE_PASSWORD\"; echo \"$SPRING_DATASOURCE_URL\"; echo \"$HEROKU_POSTGRESQL_PINK_JDBC_URL\"",
            ("DATABASE_URL", url),
            ("HEROKU_POSTGRESQL_PINK_URL", "postgres://a:b@c/d"));

        Assert.Equal($"{jdbc}\n{user} {password}\n{jdbc}\njdbc:postgresql://c/d?password=b&user=a\n", said);
    }

    [Theory]
    [InlineData("redis://u:p@db")]
    [InlineData("postgres://db/shop")]
    [InlineData("")]
    public async Task Other_addresses_are_left_alone(string url)
    {
        var (said, error) = await Run(JvmProfile.Jdbc, "echo ${JDBC_DATABASE_URL-none} ${SPRING_DATASOURCE_URL-none}", ("DATABASE_URL", url));

        Assert.Equal(("none none\n", ""), (said, error));
    }

    public void Dispose() => _temp.Dispose();

    private string Java()
    {
        Tree.Write(_temp["jdk"], ("bin/java", "#!/bin/sh\n"));
        File.SetUnixFileMode(_temp["jdk/bin/java"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return JvmProfile.Java(_temp["jdk"]);
    }

    private async Task<(string Output, string Error)> Run(string profile, string script, params (string Name, string Value)[] environment)
    {
        Tree.Write(_temp.Path, ("profile.sh", profile));
        var start = new ProcessStartInfo("bash", ["-c", $". ./profile.sh; {script}"]) { WorkingDirectory = _temp.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await error);
    }
}
