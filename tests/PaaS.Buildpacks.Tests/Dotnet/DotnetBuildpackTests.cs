namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class DotnetBuildpackTests
{
    [FullFact]
    public async Task The_ASPNET_sample_is_published_and_serves()
    {
        await using var rig = await BuildRig.Sandboxed();

        var built = await rig.SucceedAsync(SampleApp.Source("aspnet"));

        Assert.Equal("cd bin/publish; ./Render --urls http://*:$PORT", built.Slug.ProcessTypes[ProcessType.Web]);
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.Contains("Rendered by ASP.NET Core on web.1.", await app.Client.GetStringAsync("/"), StringComparison.Ordinal);
        using var text = new StringContent("*word*");
        using var answer = await app.Client.PostAsync("/render", text);
        Assert.Equal("<p><em>word</em></p>\n", await answer.Content.ReadAsStringAsync());
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task A_solution_and_its_tools_come_from_a_mirror_that_the_app_does_not_name()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = new() { NuGet = new Uri("https://api.nuget.org/v3/index.json") } });
        const string Tool = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
        var source = new TarBuilder()
            .File("All.slnx", """<Solution><Project Path="one/one.csproj" /><Project Path="src/Two.Tool/Two.Tool.csproj" /></Solution>""")
            .File("one/one.csproj", Tool).File("one/p.cs", "System.Console.WriteLine(\"one\");")
            .File("src/Two.Tool/Two.Tool.csproj", Tool).File("src/Two.Tool/p.cs", "System.Console.WriteLine(\"two\");")
            .File("global.json", """{"sdk":{"version":"8.0.100","rollForward":"latestMajor"}}""")
            .File("bin/x", "not ours");

        var built = await rig.SucceedAsync(source);

        Assert.Equal(["one", "two-tool"], built.Slug.ProcessTypes.Keys.Select(static t => t.ToString()));
        Assert.Equal("two", await RunningApp.RunAsync(rig, built.Slug, built.Slug.ProcessTypes[ProcessType.Parse("two-tool")]));
        var again = await rig.SucceedAsync(source, RealBuilds.Again);
        Assert.Equal(built.Slug.Id, again.Slug.Id);
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task A_single_file_is_an_app_without_a_sandbox_too()
    {
        await using var rig = new BuildRig();

        var built = await rig.SucceedAsync(new TarBuilder().File("hello.cs", "System.Console.WriteLine(\"hello \" + System.Environment.GetEnvironmentVariable(\"DOTNET_GCHeapHardLimit\"));"));

        Assert.Equal("hello 18000000", await RunningApp.RunAsync(rig, built.Slug, built.Slug.ProcessTypes[ProcessType.Parse("hello")]));
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData("global.json", """{"sdk":{"version":"99.0.100"}}""", "asks for 99.0.100, but this platform has .NET SDK ")]
    [InlineData("global.json", "{", "global.json can't be read")]
    [InlineData("B.csproj", "<Project />", "several projects")]
    [InlineData("Directory.Build.props", "<Project", "Directory.Build.props is not valid XML")]
    public async Task What_can_not_be_built_is_explained(string file, string content, string expected)
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("A.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />").File(file, content)));

        Assert.Equal(".NET", failed.Buildpack);
        Assert.Contains(expected, failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dotnet_that_the_sandbox_does_not_show_is_explained()
    {
        // In a home, as its install script puts it: no build sees that directory.
        await using var rig = await BuildRig.Sandboxed(options: static o => o with
        {
            Environment = o.Environment.Append(new("PATH", $"{Path.GetDirectoryName(o.BuildsDirectory)}/home/.dotnet:/usr/bin:/bin")).ToDictionary(),
        });
        Tree.Write(rig.Temp.Path, ("home/.dotnet/dotnet", "#!/bin/sh\n"));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("A.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />")));

        Assert.Contains("names that directory as a toolchain", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("/home/.dotnet, outside /usr", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_dotnet_says_how_to_get_it()
    {
        await using var rig = new BuildRig(options: static o => o with { Environment = o.Environment.Append(new("PATH", "/nonexistent")).ToDictionary() });

        Assert.Contains("no dotnet on /nonexistent", Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("app.cs", "x"))).Reason, StringComparison.Ordinal);
    }
}
