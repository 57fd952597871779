namespace PaaS.Buildpacks.Tests;

public sealed class DotnetAppTests : IDisposable
{
    private const string Web = """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
    private const string Tool = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
    private const string Library = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""";
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_solution_names_its_projects()
    {
        Tree.Write(
            _temp.Path,
            ("Shop.sln", """
                Microsoft Visual Studio Solution File, Format Version 12.00
                Project("{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}") = "Web", "src\Web\Web.csproj", "{3EEB5B0D-7D70-4E9F-8B6B-2E6B0D2C9B1A}"
                EndProject
                Project("{2150E333-8FDC-42A3-9474-1A3956D46DE8}") = "Solution.Items", "Solution.Items", "{5D20AA90-6969-D8BD-9DCD-8634F4692FDA}"
                EndProject
                Project("{F2A71F9B-5D33-465A-A702-920D77279786}") = "Lib", "src\Lib\Lib.fsproj", "{3EEB5B0D-7D70-4E9F-8B6B-2E6B0D2C9B1B}"
                EndProject
                """.ReplaceLineEndings("\r\n")),
            ("src/Web/Web.csproj", Web), ("src/Lib/Lib.fsproj", Library));

        Assert.Equal([("src/Web/Web.csproj", DotnetProjectKind.Web), ("src/Lib/Lib.fsproj", DotnetProjectKind.Other)], Read().Projects.Select(static p => (p.Path, p.Kind)));
    }

    [Fact]
    public void A_project_of_many_elements_within_one_another_is_refused()
    {
        const int Deep = 200_000;
        var project = $"<Project><PropertyGroup><TargetFramework>{string.Concat(Enumerable.Repeat("<a>", Deep))}{string.Concat(Enumerable.Repeat("</a>", Deep))}</TargetFramework></PropertyGroup></Project>";
        Tree.Write(_temp.Path, ("App.csproj", project));

        Assert.Null(DotnetProject.Read(new SourceTree(_temp.Path), "App.csproj", out var problem));
        Assert.Equal("App.csproj has more than 100 elements within one another.", problem);
    }

    [Fact]
    public void A_solution_is_read_in_time_whatever_is_in_it()
    {
        Tree.Write(_temp.Path, ("Shop.sln", $"Project(\"{{1}}\") = \"Web\", \"{new string('.', 3_000_000)}\"\nProject(\"{{1}}\") = \"Web\", \"Web.csproj\", \"{{2}}\"\n"), ("Web.csproj", Web));

        Assert.Equal("Web.csproj", Assert.Single(Read().Projects).Path);
    }

    [Fact]
    public void A_slnx_names_its_projects_in_folders_too()
    {
        Tree.Write(
            _temp.Path,
            ("Shop.slnx", """<Solution><Folder Name="/src/"><File Path="readme.md" /><Project Path="src\Tool\Tool.csproj" /></Folder><Project Path="Web/Web.csproj" /></Solution>"""),
            ("Web/Web.csproj", Web), ("src/Tool/Tool.csproj", Tool));

        Assert.Equal(["src/Tool/Tool.csproj", "Web/Web.csproj"], Read().Projects.Select(static p => p.Path));
    }

    [Fact]
    public void The_last_value_of_a_property_counts_and_the_nearest_props_above()
    {
        Tree.Write(
            _temp.Path,
            ("App.slnx", """<Solution><Project Path="a/b/X.csproj" /></Solution>"""),
            ("a/b/X.csproj", """<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><Sdk Name="Microsoft.NET.Sdk.Worker" /><PropertyGroup><AssemblyName>One</AssemblyName></PropertyGroup><PropertyGroup><AssemblyName> Two </AssemblyName></PropertyGroup></Project>"""),
            ("a/Directory.Build.props", "<Project><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup></Project>"),
            ("Directory.Build.props", "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>"));

        var project = Assert.Single(Read().Projects);

        Assert.Equal((DotnetProjectKind.Worker, "Two", "net9.0"), (project.Kind, project.AssemblyName, project.TargetFramework));
    }

    [Theory]
    [InlineData("Console.WriteLine(1);", DotnetProjectKind.Console, "app", "net10.0", false)]
    [InlineData("#!/usr/bin/env dotnet\n#:sdk Microsoft.NET.Sdk.Web@10.0.0\n#:property AssemblyName=shop\n#:property PublishAot=True\n", DotnetProjectKind.Web, "shop", "net10.0", true)]
    [InlineData("#:property TargetFramework=net11.0\n#:property TargetFramework=net12.0", DotnetProjectKind.Console, "app", "net11.0", false)]
    public void A_file_says_what_it_is_in_its_directives(string text, object kind, string name, string framework, bool native)
    {
        Tree.Write(_temp.Path, ("app.cs", text));

        var project = Assert.Single(Read().Projects);

        Assert.Equal(((DotnetProjectKind)kind, name, framework, native), (project.Kind, project.AssemblyName, project.TargetFramework!, project.IsNative));
    }

    [Theory]
    [InlineData("A.sln,B.slnx", "several solutions")]
    [InlineData("A.csproj,B.fsproj", "several projects")]
    [InlineData("a.cs,b.cs", "several file-based apps")]
    [InlineData("A.slnx", "A.slnx holds no project")]
    [InlineData("A.csproj=<Project", "not valid XML at line 1")]
    [InlineData("A.csproj=<!DOCTYPE p [<!ENTITY a \"b\">]><Project>&a;</Project>", "not valid XML")]
    [InlineData("A.slnx=<Solution><Project Path=\"../x.csproj\" /></Solution>", "not in the app")]
    [InlineData("A.slnx=<Solution><Project Path=\"x.csproj\" /></Solution>", "not in the app")]
    [InlineData("readme", "no solution, project or C# file")]
    public void What_can_not_be_read_is_explained(string files, string expected)
    {
        Tree.Write(_temp.Path, [.. files.Split(',').Select(static file => file.Split('=', 2)).Select(static f => (f[0], f.Length > 1 ? f[1] : "<Solution />"))]);

        Assert.False(DotnetApp.TryRead(Context(), out _, out var problem));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void One_web_project_is_web_and_the_others_have_their_names()
    {
        Tree.Write(
            _temp.Path,
            ("Shop.slnx", """<Solution><Project Path="My Web/Web.csproj" /><Project Path="Mail_Sender.Tool/Mail_Sender.Tool.csproj" /><Project Path="Lib/Lib.csproj" /></Solution>"""),
            ("My Web/Web.csproj", Web), ("Mail_Sender.Tool/Mail_Sender.Tool.csproj", Tool), ("Lib/Lib.csproj", Library));

        var expected = new Dictionary<string, string>
        {
            ["mail-sender-tool"] = "cd Mail_Sender.Tool/bin/publish; ./Mail_Sender.Tool",
            ["web"] = "cd 'My Web/bin/publish'; ./Web --urls http://*:$PORT",
        };
        Assert.Equal(expected, Types());

        // Once something was published, only what is there counts.
        Tree.Write(_temp.Path, ("My Web/bin/publish/Web", "x"));
        Assert.Equal(["web"], Types().Keys);
    }

    [Fact]
    public void Two_web_projects_have_their_names()
    {
        Tree.Write(_temp.Path, ("S.slnx", """<Solution><Project Path="A/A.csproj" /><Project Path="B/B.csproj" /></Solution>"""), ("A/A.csproj", Web), ("B/B.csproj", Web));

        Assert.Equal(["a", "b"], Types().Keys);
    }

    [Theory]
    [InlineData("10.0.100", null, "10.0.105", true)]
    [InlineData("10.0.100", null, "10.0.401", false)]
    [InlineData("10.0.410", "latestPatch", "10.0.401", false)]
    [InlineData("10.0.100", "latestFeature", "10.0.401", true)]
    [InlineData("10.0.100", "LATESTFEATURE", "10.1.100", false)]
    [InlineData("10.0.100", "minor", "10.1.100", true)]
    [InlineData("9.0.100", "latestMinor", "10.0.401", false)]
    [InlineData("8.0.100", "latestMajor", "10.0.401", true)]
    [InlineData("10.0.401", "disable", "10.0.401", true)]
    [InlineData("10.0.400", "disable", "10.0.401", false)]
    [InlineData("10.0.100-rc.1", "feature", "10.0.401", true)]
    public void Global_json_rolls_forward_as_dotnet_does(string version, string? policy, string sdk, bool accepted)
    {
        var roll = policy is null ? string.Empty : $", \"rollForward\": \"{policy}\"";

        var wanted = GlobalJson.Parse($$"""{ /* ours */ "sdk": { "version": "{{version}}"{{roll}}, } }""", out var problem);

        Assert.Null(problem);
        Assert.Equal(accepted, wanted!.Accepts(Version.Parse(sdk)));
    }

    [Theory]
    [InlineData("{", "can't be read")]
    [InlineData("""{"sdk":{"version":"10"}}""", "Write a full version")]
    [InlineData("""{"sdk":{"version":10}}""", "can't be read")]
    [InlineData("""{"sdk":{"version":"10.0.100","rollForward":"always"}}""", "and a policy")]
    [InlineData("""{"sdk":{"allowPrerelease":false}}""", null)]
    [InlineData("[]", null)]
    public void A_global_json_that_asks_for_nothing_clear_is_explained(string text, string? expected)
    {
        Assert.Null(GlobalJson.Parse(text, out var problem));

        Assert.Contains(expected ?? string.Empty, problem ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal(expected is null, problem is null);
    }

    [Theory]
    [InlineData("net10.0", "", null)]
    [InlineData("net9.0", "", "TargetFramework of Web.csproj asks for net9.0")]
    [InlineData("net9.0", "<RollForward>Major</RollForward>", null)]
    [InlineData("net9.0", "<SelfContained>true</SelfContained>", null)]
    [InlineData("net11.0", "<SelfContained>true</SelfContained>", "asks for net11.0")]
    [InlineData("netstandard2.0", "", null)]
    public void A_target_framework_needs_its_runtime(string framework, string property, string? expected)
    {
        Tree.Write(_temp.Path, ("Web.csproj", Web.Replace("net10.0</TargetFramework>", $"{framework}</TargetFramework>{property}", StringComparison.Ordinal)));
        var machine = new DotnetSdks("/usr/share/dotnet", [new(10, 0, 401)], [new(10, 0, 12), new(8, 0, 20)]);

        var problem = machine.Unmet(Read(), null);

        Assert.Equal(expected is null, problem is null);
        Assert.Contains(expected ?? string.Empty, problem ?? string.Empty, StringComparison.Ordinal);
    }

    private BuildContext Context() => new(new SourceTree(_temp.Path));

    private DotnetApp Read()
    {
        Assert.True(DotnetApp.TryRead(Context(), out var app, out var problem), problem);
        return app;
    }

    private Dictionary<string, string> Types() => DotnetProcessTypes.Of(new SourceTree(_temp.Path), Read()).ToDictionary(static t => t.Key.ToString(), static t => t.Value);
}
