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
    public async Task The_log_says_how_much_of_the_cache_was_there_before()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("head -c 1000000 /dev/urandom >\"$CACHE/$(ls \"$CACHE\" | wc -l)\"")));

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"));
        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: y\n"));

        Assert.Contains("       Build cache: 976.6K\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("-----> Build cache restored: 976.6K\n", rig.Output, StringComparison.Ordinal);
        Assert.EndsWith("       Build cache: 1.9M, 50 % of it from earlier builds", rig.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "head -c 3000000 /dev/zero >\"$CACHE/big\"")]
    [InlineData("", "head -c 3000000 /dev/zero >\"$CACHE/../beside\"")]
    [InlineData("", "cd \"$CACHE\"; for i in $(seq 300); do mkdir d; cd d; done")]
    [InlineData("", "cd \"$CACHE\"; touch $(seq 600); mkdir d; cd d; mkdir $(seq 20); ln -s x y")]
    [InlineData("; exit 1", "head -c 3000000 /dev/zero >\"$CACHE/big\"")]
    public async Task A_cache_over_its_limit_is_emptied_and_the_log_says_so(string end, string script)
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack(script + end)), static o => o with { MaxCacheBytes = 2 << 20 });

        await rig.BuildAsync(new TarBuilder().File("Procfile", "web: x\n"));

        Assert.Contains(" !     The build cache came over 2M and was emptied: the next build begins without one.", rig.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(rig.Cache));
        Assert.Equal(["cache"], Directory.GetFileSystemEntries(Path.GetDirectoryName(rig.Cache)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_failed_build_keeps_what_it_put_into_the_cache()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo x >>\"$CACHE/x\"; exit 1")));

        await rig.BuildAsync(new TarBuilder().File("a"));
        await rig.BuildAsync(new TarBuilder().File("a"));

        Assert.Equal("x\nx\n", File.ReadAllText(Path.Combine(rig.Cache, "x")));
        Assert.Contains("-----> Build cache restored: 4K\n", rig.Output, StringComparison.Ordinal);
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
