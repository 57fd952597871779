namespace PaaS.Buildpacks.Tests;

public sealed class PackageJsonTests
{
    [Theory]
    [InlineData("""{"scripts":{"start":"node a.js"},"main":"b.js"}""", true, "npm start")]
    [InlineData("""{"main":"lib/b.js"}""", true, "node lib/b.js")]
    [InlineData("""{"main":"my app.js"}""", false, "node 'my app.js'")]
    [InlineData("""{"main":"it's; rm -rf $HOME"}""", false, "node 'it'\\''s; rm -rf $HOME'")]
    [InlineData("""{"main":"--version"}""", false, "node ./--version")]
    [InlineData("{}", true, "node server.js")]
    public void The_default_web_process_is_start_then_main_then_server(string json, bool hasServer, string command)
    {
        Assert.True(PackageJson.TryParse(json, out var package, out _));

        Assert.Equal(command, NodejsBuildpack.DefaultProcessTypes(package, hasServer)[ProcessType.Web]);
    }

    [Fact]
    public void Without_anything_to_start_there_is_no_default()
    {
        Assert.True(PackageJson.TryParse("{}", out var package, out _));

        Assert.Empty(NodejsBuildpack.DefaultProcessTypes(package, hasServer: false));
    }

    [Theory]
    [InlineData("""{"engines": [], "scripts": 5, "main": {}}""")]
    [InlineData("""{"engines": {"node": 20}, "scripts": {"start": null}}""")]
    [InlineData("\ufeff{}")]
    public void Members_of_another_kind_count_as_absent(string json)
    {
        Assert.True(PackageJson.TryParse(json, out var package, out _));
        Assert.Null(package.Node);
        Assert.Null(package.Main);
        Assert.Empty(package.Scripts);
    }

    [Theory]
    [InlineData("{\n  \"a\": 1,\n}", "line 3")]
    [InlineData("", "line 1")]
    [InlineData("[]", "object")]
    [InlineData("<<<<<<< HEAD", "line 1")]
    public void What_is_wrong_is_said_with_its_place(string json, string place)
    {
        Assert.False(PackageJson.TryParse(json, out _, out var problem));
        Assert.Contains(place, problem, StringComparison.Ordinal);
    }
}
