namespace PaaS.Buildpacks.Tests;

public sealed class SubdirectoryTests
{
    private static TarBuilder Monorepo => new TarBuilder()
        .File("Procfile", "web: root\n").File("package-lock.json", "root").File("lib/a.txt", "shared")
        .File("apps/web/Procfile", "web: inner\n").File("apps/web/app.json", """{"cron": [{"command": "x", "schedule": "@daily"}]}""").File("apps/web/file", "own").File("apps/web/apps", "not the directory")
        .Link("apps/web/shared", "../../lib").Link("apps/link", "web").Link("linked", "apps/web/Procfile");

    [Fact]
    public async Task The_root_becomes_the_tree_and_the_rest_is_dropped()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("cat file; ls -A | sort")));
        rig.Settings = new() { Root = SourcePath.Parse("apps/web") };

        var built = await rig.SucceedAsync(Monorepo);

        Assert.Contains("       ownProcfile\n       app.json\n       apps\n       file\n       shared\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("inner", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Null(built.Slug.AppDirectory);
        Assert.Equal(["Procfile", "app.json", "apps", "file", "shared"], Directory.EnumerateFileSystemEntries(await rig.UnpackAsync(built.Slug)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task The_app_is_built_in_its_directory_with_the_whole_tree_around_it()
    {
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new ScriptBuildpack("pwd; cat file ../../lib/a.txt shared/a.txt; echo; ls \"$DIR\" | wc -l; touch built")));
        rig.Settings = new() { AppDirectory = SourcePath.Parse("apps/web") };

        var built = await rig.SucceedAsync(Monorepo);

        Assert.Contains("       /app/apps/web\n       ownsharedshared\n       5\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("inner", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal("apps/web", built.Slug.AppDirectory.ToString());
        Assert.Single(built.Slug.Manifest!.Cron);
        var slug = await rig.UnpackAsync(built.Slug);
        Assert.True(File.Exists(Path.Combine(slug, "apps/web/built")));
        Assert.True(File.Exists(Path.Combine(slug, "lib/a.txt")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Both_together_a_root_and_an_app_in_it()
    {
        await using var rig = new BuildRig();
        rig.Settings = new() { Root = SourcePath.Parse("apps"), AppDirectory = SourcePath.Parse("web") };

        var built = await rig.SucceedAsync(Monorepo);

        Assert.Equal("inner", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.True(File.Exists(Path.Combine(await rig.UnpackAsync(built.Slug), "web/file")));
    }

    [Theory]
    [InlineData("apps/none")]
    [InlineData("apps/link")]
    [InlineData("Procfile")]
    [InlineData("apps/web/Procfile/x")]
    public async Task A_directory_that_is_not_there_is_refused(string path)
    {
        await using var rig = new BuildRig();
        rig.Settings = new() { Root = SourcePath.Parse(path) };
        Assert.Contains($"The directory '{path}', which the app's settings name as the root", Assert.IsType<BuildRejected>(await rig.BuildAsync(Monorepo)).Reason, StringComparison.Ordinal);

        rig.Settings = new() { AppDirectory = SourcePath.Parse(path) };
        Assert.Contains($"The app's directory '{path}' is not in its source", Assert.IsType<BuildRejected>(await rig.BuildAsync(Monorepo)).Reason, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_puts_a_link_in_the_place_of_the_apps_directory_shows_nothing_of_the_host()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("cd ../.. && rm -rf apps && mkdir apps && ln -s \"$SECRETS\" apps/web")));
        Tree.Write(rig.Temp["secrets"], ("Procfile", "web: stolen\n"));
        rig.Settings = new() { AppDirectory = SourcePath.Parse("apps/web") };

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(Monorepo, ConfigVars.Empty.Apply(ConfigPatch.Create("SECRETS", rig.Temp["secrets"]))));

        Assert.Contains("no directory any more", failed.Reason, StringComparison.Ordinal);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_link_of_the_app_may_lead_to_all_of_the_tree_and_no_further()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("app/lib/x", "in"), ("app/apps/web/own", "own"), ("outside", "out"));
        File.CreateSymbolicLink(temp["app/apps/web/in"], "../../lib/x");
        File.CreateSymbolicLink(temp["app/apps/web/out"], "../../../outside");
        var tree = new SourceTree(temp.Path, "app", SourcePath.Parse("apps/web"));

        Assert.Equal("in", tree.ReadText("in", 10));
        Assert.Equal("own", tree.ReadText("own", 10));
        Assert.Null(tree.ReadText("out", 10));
        Assert.Equal(["in", "own"], tree.Files());
        Assert.Equal(temp["app/apps/web"], tree.Root);
    }
}
