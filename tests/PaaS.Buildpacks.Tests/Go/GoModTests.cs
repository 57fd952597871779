namespace PaaS.Buildpacks.Tests;

public sealed class GoModTests
{
    [Fact]
    public void What_counts_is_read()
    {
        var module = GoMod.Parse("""
            // +heroku goVersion go1.20
            // +heroku install ./cmd/web ./cmd/worker
            // +heroku install ./other
            module "example.test/shop" // the shop

            go 1.19

            require github.com/a/b v1.0.0
            require (
            	github.com/c/d/v2 v2.1.0 // indirect
            	// github.com/no/no v1.0.0
            )

            replace example.test/local => ./local
            replace (
            	example.test/other v1.0.0 => ../other
            	github.com/a/b => github.com/fork/b v1.2.3
            )
            """);

        Assert.NotNull(module);
        Assert.Equal(("example.test/shop", "1.19", "go1.20"), (module.Module, module.Go, module.HerokuVersion));
        Assert.Equal(["./cmd/web", "./cmd/worker"], module.Install.AsEnumerable());
        Assert.Equal(["github.com/a/b", "github.com/c/d/v2"], module.Requirements.AsEnumerable());
        Assert.Equal([("example.test/local", "./local"), ("example.test/other", "../other")], module.Local.AsEnumerable());
    }

    [Theory]
    [InlineData("")]
    [InlineData("go 1.19\n")]
    [InlineData("module ../../etc\n")]
    [InlineData("module a/../b\n")]
    [InlineData("module -rf\n")]
    [InlineData("module a;b\n")]
    public void A_module_without_a_good_name_is_refused(string text) => Assert.Null(GoMod.Parse(text));

    [Theory]
    [InlineData("1.19", "1.19.0")]
    [InlineData("go1.22.3", "1.22.3")]
    [InlineData("1.21rc2", "1.21.0")]
    [InlineData("go1.19.8", "1.19.8")]
    [InlineData("devel", null)]
    [InlineData("1", null)]
    [InlineData("1.", null)]
    [InlineData("1.2.3.4", null)]
    [InlineData("1.99999999999", null)]
    public void Versions_are_read(string text, string? expected) => Assert.Equal(expected, GoToolchain.Parse(text)?.ToString());
}
