namespace PaaS.Buildpacks.Tests;

public sealed class PackageJsonTests
{
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
    [InlineData("""{"main": "\ud83d"}""", "half a character")]
    [InlineData("""{"scripts": {"\ud83d": "x"}}""", "half a character")]
    public void What_is_wrong_is_said_with_its_place(string json, string place)
    {
        Assert.False(PackageJson.TryParse(json, out _, out var problem));
        Assert.Contains(place, problem, StringComparison.Ordinal);
    }
}
