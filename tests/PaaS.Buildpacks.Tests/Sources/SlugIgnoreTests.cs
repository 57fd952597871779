namespace PaaS.Buildpacks.Tests;

public sealed class SlugIgnoreTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("*.psd", "a.psd", true)]
    [InlineData("*.psd", "deep/down/a.psd", true)]
    [InlineData("*.psd", "a.psd.txt", false)]
    [InlineData("/test", "test", true)]
    [InlineData("/test", "lib/test", false)]
    [InlineData("docs/*.md", "docs/a.md", true)]
    [InlineData("docs/*.md", "docs/sub/a.md", false)]
    [InlineData("docs/*.md", "other/docs/a.md", false)]
    [InlineData("**/fixtures", "fixtures", true)]
    [InlineData("**/fixtures", "a/b/fixtures", true)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**", "a", false)]
    [InlineData("a/**", "a/b", true)]
    [InlineData("file?.txt", "file1.txt", true)]
    [InlineData("file?.txt", "file10.txt", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("with space.txt", "with space.txt", true)]
    [InlineData("\\#odd", "#odd", true)]
    [InlineData("*a*b*c", "xxaxxbxxc", true)]
    [InlineData("*a*b*c", "xxaxxcxxb", false)]
    [InlineData("TEST", "test", false)]
    public void A_pattern_matches_as_in_gitignore(string pattern, string path, bool matches) =>
        Assert.Equal(matches, SlugIgnore.Parse(pattern + "\r\n").Matches(path, isDirectory: false));

    [Fact]
    public void A_trailing_slash_means_directories_only()
    {
        var ignore = SlugIgnore.Parse("log/");

        Assert.True(ignore.Matches("deep/log", isDirectory: true));
        Assert.False(ignore.Matches("deep/log", isDirectory: false));
    }

    [Fact]
    public void Comments_and_blank_lines_say_nothing()
    {
        var ignore = SlugIgnore.Parse("\ufeff# all tests\n\n   \n\ttest \n");

        Assert.Empty(ignore.Warnings);
        Assert.True(ignore.Matches("test", isDirectory: true));
    }

    [Theory]
    [InlineData("!keep")]
    [InlineData("../other")]
    [InlineData("a/../../b")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData(".")]
    public void A_line_that_cannot_be_used_is_said_with_its_number(string line)
    {
        var ignore = SlugIgnore.Parse("ok\n" + line);

        Assert.Contains("line 2", Assert.Single(ignore.Warnings), StringComparison.Ordinal);
        Assert.False(ignore.Matches("keep", isDirectory: false));
    }

    [Fact]
    public void A_hostile_pattern_takes_no_time()
    {
        var ignore = SlugIgnore.Parse(string.Concat(Enumerable.Repeat("*a", 500)) + "\n" + string.Concat(Enumerable.Repeat("**/", 300)) + "z");

        Assert.False(ignore.Matches(new string('a', 255) + "b", isDirectory: false));
        Assert.False(ignore.Matches(string.Join('/', Enumerable.Repeat("a", 100)), isDirectory: false));
    }

    [Fact]
    public void Matching_trees_are_removed_and_their_files_counted()
    {
        Tree.Write(_temp["app"], ("keep.js", ""), ("test/a.js", ""), ("test/deep/b.js", ""), ("lib/notes.md", ""), ("lib/c.js", ""));

        var removed = SlugIgnore.Parse("/test\n*.md\n").Apply(_temp["app"]);

        Assert.Equal(3, removed);
        Assert.Equal(["keep.js", "lib/c.js"], Directory.EnumerateFiles(_temp["app"], "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(_temp["app"], p)).Order());
        Assert.False(Directory.Exists(_temp["app/test"]));
    }

    [Fact]
    public void A_link_is_removed_but_never_followed()
    {
        Tree.Write(_temp["outside"], ("precious", "p"));
        Tree.Write(_temp["app"], ("a", ""));
        Directory.CreateSymbolicLink(_temp["app/door"], _temp["outside"]);
        Directory.CreateSymbolicLink(_temp["app/other"], _temp["outside"]);

        var removed = SlugIgnore.Parse("door\nprecious\n").Apply(_temp["app"]);

        Assert.Equal(1, removed);
        Assert.True(File.Exists(_temp["outside/precious"]));
        Assert.NotNull(new FileInfo(_temp["app/other"]).LinkTarget);
    }

    [Fact]
    public async Task Patterns_that_take_long_can_be_stopped()
    {
        // Each name is compared with each pattern from each of its characters on: minutes.
        var directory = Directory.CreateDirectory(_temp["tree"]).FullName;
        for (var i = 0; i < 3_000; i++)
        {
            File.WriteAllText(Path.Combine(directory, new string('a', 230) + i), string.Empty);
        }

        var ignore = SlugIgnore.Parse(string.Join('\n', Enumerable.Repeat(string.Concat(Enumerable.Repeat("*a", 500)) + "b", 100)));
        using var stop = new CancellationTokenSource();

        var applying = Task.Run(() => ignore.Apply(directory, stop.Token));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applying);
        Assert.Equal(3_000, Directory.GetFiles(directory).Length);
    }
}
