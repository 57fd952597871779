using System.Diagnostics;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>The calls themselves refuse links, so that a swap between looking and opening gains nothing.</summary>
public sealed class TreeDirectoryTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly TreeDirectory _tree;

    public TreeDirectoryTests()
    {
        Tree.Write(_temp["outside"], ("secret", "s"));
        Tree.Write(_temp["tree"], ("dir/file", "mine"), ("file", "own"));
        Directory.CreateSymbolicLink(_temp["tree/out"], _temp["outside"]);
        File.CreateSymbolicLink(_temp["tree/stolen"], _temp["outside/secret"]);
        File.CreateSymbolicLink(_temp["tree/up"], "../outside/secret");
        File.CreateSymbolicLink(_temp["tree/inner"], "dir/file");
        File.CreateSymbolicLink(_temp["tree/magic"], "/proc/self/environ");
        _tree = TreeDirectory.Open(_temp["tree"]);
    }

    public void Dispose()
    {
        _tree.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_link_is_never_opened_as_a_directory()
    {
        Assert.Throws<TreeException>(() => _tree.OpenDirectory(TreeName.Of("out")));
        Assert.Throws<TreeException>(() => TreeDirectory.Open(_temp["tree/out"]));
        Assert.Throws<TreeException>(() => _tree.OpenDirectory(TreeName.Of("file")));
    }

    [Fact]
    public void A_link_is_never_opened_as_a_file() => Assert.Throws<TreeException>(() => _tree.OpenFile(TreeName.Of("inner"), out _));

    [Fact]
    public void Nothing_is_made_through_a_link()
    {
        File.CreateSymbolicLink(_temp["tree/planted"], _temp["outside/new"]);

        Assert.Throws<TreeException>(() => _tree.CreateFile(TreeName.Of("planted"), executable: false));
        Assert.Throws<TreeException>(() => _tree.CreateDirectory(TreeName.Of("planted")));
        Assert.False(File.Exists(_temp["outside/new"]));
    }

    [Fact]
    public async Task A_FIFO_is_refused_without_waiting_for_its_writer()
    {
        using var mkfifo = Process.Start("mkfifo", [_temp["tree/fifo"]]);
        await mkfifo.WaitForExitAsync();

        await Task.Run(() =>
        {
            Assert.Throws<TreeException>(() => _tree.OpenFile(TreeName.Of("fifo"), out _));
            Assert.Null(_tree.OpenBelow("fifo"));
        }).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("stolen")]
    [InlineData("up")]
    [InlineData("out/secret")]
    [InlineData("magic")]
    [InlineData("../outside/secret")]
    [InlineData("dir")]
    [InlineData("none")]
    public void Reading_below_does_not_lead_outside(string path) => Assert.Null(_tree.OpenBelow(path));

    [Theory]
    [InlineData("file", "own")]
    [InlineData("dir/file", "mine")]
    [InlineData("inner", "mine")]
    public void Reading_below_follows_links_that_stay_below(string path, string content)
    {
        using var file = _tree.OpenBelow(path);

        Assert.Equal(content, Encoding.UTF8.GetString(BoundedFile.Read(file!, 100, out _)));
    }

    [Fact]
    public void A_directory_that_was_moved_away_is_still_the_one_that_was_opened()
    {
        using var dir = _tree.OpenDirectory(TreeName.Of("dir"));
        Directory.Move(_temp["tree/dir"], _temp["aside"]);
        Directory.CreateSymbolicLink(_temp["tree/dir"], _temp["outside"]);

        Assert.Equal(["file"], dir.List(10).Select(static n => n.ToString()));
        Assert.Null(dir.Find(TreeName.Of("secret")));
    }

    [Fact]
    public void The_owner_of_a_link_changes_not_of_what_it_points_to()
    {
        Assert.True(Environment.IsPrivilegedProcess, "An app gets a user of its own only from a host that is root: run the tests as root.");
        _tree.ChangeOwner(TreeName.Of("stolen"), 23456);

        using var outside = TreeDirectory.Open(_temp["outside"]);
        Assert.Equal(0, outside.Find(TreeName.Of("secret"))!.Value.UserId);
        Assert.Equal(23456, _tree.Find(TreeName.Of("stolen"))!.Value.UserId);
    }
}
