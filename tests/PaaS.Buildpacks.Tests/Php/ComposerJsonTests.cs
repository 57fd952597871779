namespace PaaS.Buildpacks.Tests;

public sealed class ComposerJsonTests
{
    [Theory]
    [InlineData("", false, false, "vendor/bin")]
    [InlineData("{}", false, false, "vendor/bin")]
    [InlineData("""{"require":{"php":"^8.1","ext-mbstring":"*","lib-curl":"*","composer-runtime-api":"^2"}}""", false, false, "vendor/bin")]
    [InlineData("""{"require":{"slim/slim":"^4"}}""", true, false, "vendor/bin")]
    [InlineData("""{"require-dev":{"phpunit/phpunit":"*"},"scripts":{"compile":["a"]}}""", false, true, "vendor/bin")]
    [InlineData("""{"config":{"vendor-dir":"libs"}}""", false, false, "libs/bin")]
    [InlineData("""{"config":{"bin-dir":"tools/"}}""", false, false, "tools")]
    [InlineData("""{"config":{"vendor-dir":"libs","bin-dir":"{$vendor-dir}/programs"}}""", false, false, "libs/programs")]
    [InlineData("""{"config":{"bin-dir":"../out"},"require":[],"scripts":5}""", false, false, "vendor/bin")]
    public void What_decides_the_build_is_read(string text, bool packages, bool compile, string programs)
    {
        Assert.True(ComposerJson.TryParse(text, out var composer, out var problem), problem);
        Assert.Equal((packages, compile, programs), (composer.HasPackages, composer.HasCompile, composer.BinDirectory.ToString()));
    }

    [Theory]
    [InlineData("{\n  \"require\": {},\n}", "line 3")]
    [InlineData("[]", "object")]
    public void What_is_wrong_is_said_with_its_place(string text, string place)
    {
        Assert.False(ComposerJson.TryParse(text, out _, out var problem));
        Assert.Contains(place, problem, StringComparison.Ordinal);
    }
}
