namespace PaaS.Buildpacks.Tests;

public sealed class BuildCacheTests
{
    private static readonly ProcessType Web = ProcessType.Web;

    [Fact]
    public async Task A_cache_of_the_earlier_layout_is_taken_over()
    {
        Assert.True(Environment.IsPrivilegedProcess, "Only root gives files to users: run the tests as root.");
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("cat \"$CACHE/npm/x\"")));
        Tree.Write(rig.Temp["caches"], ($"{rig.App}/npm/x", "old\n"));
        foreach (var path in (string[])["", "/npm", "/npm/x"])
        {
            Give(rig.Temp["caches"] + $"/{rig.App}{path}", BuildRig.AppUser);
        }

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"));

        Assert.Equal("old\n", File.ReadAllText(Path.Combine(rig.Cache, "npm/x")));
        Assert.Empty(Directory.GetDirectories(rig.Temp["caches"], ".new-*"));
    }

    [Fact]
    public async Task A_cache_of_another_user_is_not_trusted()
    {
        await using var rig = new BuildRig();
        Tree.Write(rig.Temp["caches"], ($"{rig.App}/planted", "x"), ($"{rig.App}/layout-2", ""));
        Give(Path.Combine(rig.Temp["caches"], rig.App.ToString()), BuildRig.AppUser + 1);

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"));

        Assert.Empty(Directory.GetFileSystemEntries(rig.Cache));
    }

    [Fact]
    public async Task A_build_may_remove_its_cache_or_put_a_link_in_its_place()
    {
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new ScriptBuildpack("rm -rf \"$CACHE\" && ln -s /etc \"$CACHE\" && echo REMOVED")));

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"));
        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: y\n"));

        Assert.Equal(2, rig.Output.Split("REMOVED").Length - 1);
    }

    [Fact]
    public async Task A_build_may_put_another_directory_in_the_place_of_its_tree()
    {
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new ScriptBuildpack("mv \"$DIR/sub\" /tmp/x && rm -rf \"$DIR\" && mv /tmp/x \"$DIR\"")));

        var built = await rig.SucceedAsync(new TarBuilder().File("sub/Procfile", "web: inner\n").File("Procfile", "web: outer\n"));

        Assert.Equal("inner", built.Slug.ProcessTypes[Web]);
        Assert.Equal(["Procfile"], Directory.EnumerateFileSystemEntries(await rig.UnpackAsync(built.Slug)).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("rm -rf \"$DIR\"")]
    [InlineData("rm -rf \"$DIR\" && ln -s /etc \"$DIR\"")]
    [InlineData("rm -rf \"$DIR\" && mkfifo \"$DIR\"")]
    public async Task A_build_without_a_tree_in_the_end_fails(string script)
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack(script)));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Contains("no directory any more", failed.Reason, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    private static void Give(string path, int user)
    {
        using var parent = TreeDirectory.Open(Path.GetDirectoryName(path)!);
        parent.ChangeOwner(TreeName.Of(Path.GetFileName(path)), user);
    }
}
