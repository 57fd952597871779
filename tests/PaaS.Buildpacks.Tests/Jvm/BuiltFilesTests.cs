namespace PaaS.Buildpacks.Tests;

public sealed class BuiltFilesTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Files_are_listed_by_path_and_links_are_not()
    {
        Tree.Write(_temp["tree/app"], ("b/c.jar", "x"), ("b/a.jar", "x"), ("d", "x"));
        File.CreateSymbolicLink(_temp["tree/app/b/link.jar"], "c.jar");

        Assert.Equal(["b/a.jar", "b/c.jar", "d"], BuiltFiles.Below(App(null)).Select(static f => f.Path));
        Assert.Equal(["b/a.jar", "b/c.jar"], BuiltFiles.Below(App(null), "b", depth: 1).Select(static f => f.Path));
        Assert.Empty(BuiltFiles.Below(App(null), "gone"));
    }

    [Fact]
    public void A_tree_that_a_build_has_exchanged_for_a_link_is_not_entered()
    {
        Tree.Write(_temp["elsewhere"], ("web/secret.jar", "x"));
        Directory.CreateDirectory(_temp["tree"]);
        Directory.CreateSymbolicLink(_temp["tree/app"], _temp["elsewhere"]);

        Assert.Throws<TreeException>(() => BuiltFiles.Below(App(null)));
    }

    [Fact]
    public void Nor_is_the_directory_of_an_app_within_it()
    {
        Tree.Write(_temp["elsewhere"], ("web/secret.jar", "x"), ("web/mvnw", "x"));
        Directory.CreateDirectory(_temp["tree/app"]);
        Directory.CreateSymbolicLink(_temp["tree/app/apps"], _temp["elsewhere"]);

        Assert.Empty(BuiltFiles.Below(App("apps/web")));
        Assert.Equal("./mvnw", Assert.Single(BuildWrapper.Command(App("apps/web"), "mvnw")));
    }

    [Theory]
    [InlineData("a/b-1.jar", "a/b-1.jar")]
    [InlineData("a b", "'a b'")]
    [InlineData("$(id)", "'$(id)'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("", "''")]
    public void A_shell_sees_one_word(string text, string expected) => Assert.Equal(expected, ShellWord.Of(text));

    private SourceTree App(string? within) => new(_temp["tree"], "app", within is null ? null : SourcePath.Parse(within));
}
