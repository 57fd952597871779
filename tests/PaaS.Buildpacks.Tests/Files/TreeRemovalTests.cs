using System.Diagnostics;

namespace PaaS.Buildpacks.Tests;

public sealed class TreeRemovalTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Links_are_removed_and_what_they_point_to_stays()
    {
        Tree.Write(_temp["outside"], ("precious", "p"));
        Tree.Write(_temp["tree"], ("a/b/c", ""));
        Directory.CreateSymbolicLink(_temp["tree/a/door"], _temp["outside"]);

        Remove("tree");

        Assert.False(Directory.Exists(_temp["tree"]));
        Assert.True(File.Exists(_temp["outside/precious"]));
        Assert.Equal([_temp["outside"]], Directory.EnumerateFileSystemEntries(_temp.Path));
    }

    [Fact]
    public async Task A_tree_deeper_than_any_path_and_with_names_that_are_no_text_is_removed()
    {
        // 300 levels of 100 bytes, and a file name of bytes that are not UTF-8.
        var script = "import os\nos.mkdir('tree'); os.chdir('tree')\nopen(b'\\xff\\xfe', 'w').close()\nfor i in range(300):\n  os.mkdir('d' * 100); os.chdir('d' * 100)\nopen('f', 'w').close()\n";
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script]) { WorkingDirectory = _temp.Path })!;
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);

        Remove("tree");

        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp.Path));
    }

    [Fact]
    public async Task A_tree_that_is_swapped_for_links_meanwhile_takes_nothing_outside_along()
    {
        for (var round = 0; round < 100; round++)
        {
            Tree.Write(_temp["outside"], ("precious", "p"));
            Tree.Write(_temp["tree"], ("d/e/a", ""), ("d/e/b", ""), ("x/y", ""));
            Directory.CreateSymbolicLink(_temp["door"], _temp["outside"]);
            using var begun = new ManualResetEventSlim();
            var racer = Task.Run(() =>
            {
                begun.Set();
                try
                {
                    while (true)
                    {
                        Directory.Move(_temp["tree/d"], _temp["aside"]);
                        Directory.Move(_temp["door"], _temp["tree/d"]);
                        Directory.Move(_temp["tree/d"], _temp["door"]);
                        Directory.Move(_temp["aside"], _temp["tree/d"]);
                    }
                }
                catch (IOException)
                {
                    // The tree has gone: the race is over.
                }
            });
            begun.Wait();

            Remove("tree");
            await racer;

            Assert.True(File.Exists(_temp["outside/precious"]));
            Assert.False(Directory.Exists(_temp["tree"]));
            Remove("aside");
            Remove("door");
        }
    }

    private void Remove(string name)
    {
        using var parent = TreeDirectory.Open(_temp.Path);
        TreeRemoval.Remove(parent, TreeName.Of(name));
    }
}
