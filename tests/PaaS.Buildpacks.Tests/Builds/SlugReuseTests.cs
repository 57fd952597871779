namespace PaaS.Buildpacks.Tests;

public sealed class SlugReuseTests
{
    private const string Marker = "-----> No changes since the last build: using its slug again\n";
    private static readonly BuildpackRelease Wishes = new()
    {
        ConfigVars = BuildpackRelease.Empty.ConfigVars.Add("RACK_ENV", "production"),
        AddOns = ["heroku-postgresql"],
        DefaultProcessTypes = BuildpackRelease.Empty.DefaultProcessTypes.Add(ProcessType.Worker, "work"),
    };

    private static TarBuilder Source => new TarBuilder().File("Procfile", "web: x\n").File("bin/x", "x", 0b111_101_101).Link("link", "bin/x").File("app.json", """{"cron": [{"command": "a", "schedule": "@daily"}]}""");

    [Fact]
    public async Task What_has_not_changed_is_not_built_again()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo BUILT; date +%N >stamp", "acme/one", "One") { Release = Wishes, Defaults = Wishes.DefaultProcessTypes }));
        var first = Assert.IsType<BuildSucceeded>(await rig.BuildAsync(Source, commit: "first"));

        var second = Assert.IsType<BuildSucceeded>(await rig.BuildAsync(Source, commit: "second"));

        Assert.Equal((false, true), (first.IsReused, second.IsReused));
        Assert.Equal(1, Builds(rig));
        Assert.Contains($"-----> Using buildpack: acme/one\n-----> One app detected\n{Marker}       To build it all the same, purge the build cache first: heroku builds:cache:purge -a test-app", rig.Output, StringComparison.Ordinal);
        Assert.Equal("second", second.Slug.Commit);
        Assert.Equal(first.Slug with { Commit = "second", ProcessTypes = second.Slug.ProcessTypes, Manifest = second.Slug.Manifest }, second.Slug);
        Assert.Equal(first.Slug.ProcessTypes, second.Slug.ProcessTypes);
        Assert.Equal(first.Slug.Manifest!.Cron.AsEnumerable(), second.Slug.Manifest!.Cron);
        Assert.Equal(first.Buildpacks.AsEnumerable(), second.Buildpacks);
        Assert.Equal(("acme/one", "heroku-postgresql", "production"), (second.Detected?.Text, Assert.Single(second.AddOns), second.ConfigVars["RACK_ENV"]));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Each_thing_that_a_build_can_see_makes_another_build()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo BUILT", "acme/one"), new ScriptBuildpack("echo BUILT", "acme/two")));
        var vars = ConfigVars.Empty.Apply(ConfigPatch.Create("KEY", "value"));
        Func<Task>[] changes =
        [
            () => rig.SucceedAsync(Source),
            () => rig.SucceedAsync(Source.File("new")),
            () => rig.SucceedAsync(Source.File("new", "other")),
            () => rig.SucceedAsync(Source.File("new", "other", 0b111_101_101)),
            () => rig.SucceedAsync(Source.Link("new", "bin/x")),
            () => rig.SucceedAsync(Source.Link("new", "bin/y")),
            () => rig.SucceedAsync(Source.Directory("new")),
            () => rig.SucceedAsync(Source, vars),
            () => rig.SucceedAsync(Source, vars.Apply(ConfigPatch.Create("KEY", "other"))),
            () => rig.SucceedAsync(Source, vars.Apply(ConfigPatch.Create("BUILDPACK_URL", "acme/two"))),
            () => Set(new() { Buildpacks = [BuildpackReference.Parse("acme/two")] }),
            () => Set(new() { Buildpacks = [BuildpackReference.Parse("acme/one"), BuildpackReference.Parse("acme/two")] }),
            () => Set(new() { AppDirectory = SourcePath.Parse("bin") }),
        ];

        for (var i = 0; i < changes.Length; i++)
        {
            var before = Builds(rig);
            await changes[i]();
            Assert.True(Builds(rig) > before, $"change {i} was not built");
        }

        Assert.DoesNotContain(Marker, rig.Output, StringComparison.Ordinal);

        Task Set(BuildSettings settings)
        {
            rig.Settings = settings;
            return rig.SucceedAsync(Source);
        }
    }

    [Fact]
    public void What_the_operator_sets_makes_another_build_and_another_limit_does_not()
    {
        using var temp = new TempDirectory();
        var options = new BuildOptions { BuildsDirectory = temp["b"], CachesDirectory = temp["c"] };
        using var tree = new TempDirectory();
        string Key(BuildOptions options) => BuildKey.Of("source", new BuildContext(new SourceTree(tree.Path)), options, []);

        Assert.Equal(Key(options), Key(options with { Timeout = TimeSpan.FromSeconds(1), MaxCacheBytes = 1 }));
        Assert.NotEqual(Key(options), Key(options with { Environment = new Dictionary<string, string> { ["A"] = "b" } }));
        Assert.NotEqual(Key(options), Key(options with { ReadOnlyPaths = ["/opt/x"] }));
        Assert.NotEqual(Key(options), Key(options with { Packages = new() { Offline = true } }));
        Assert.NotEqual(Key(options), Key(options with { Packages = new() { PyPi = new Uri("https://pypi.example.com/simple") } }));
        Assert.NotEqual(BuildKey.Of("other", new BuildContext(new SourceTree(tree.Path)), options, []), Key(options));
    }

    [Fact]
    public async Task A_slug_that_has_gone_is_built_again()
    {
        await using var rig = Rig();
        var first = await rig.SucceedAsync(Source);
        await rig.Store.DeleteAsync(first.Slug.Id);

        await rig.SucceedAsync(Source);

        Assert.Equal(2, Builds(rig));
        Assert.Equal([first.Slug.Id], await rig.Store.ListAsync().ToListAsync());
    }

    [Fact]
    public async Task Purging_the_cache_has_it_built_again()
    {
        await using var rig = Rig();
        await rig.SucceedAsync(Source);
        rig.Builder.RemoveCache(rig.App);
        Assert.Empty(Directory.GetFileSystemEntries(rig.Temp["caches"]));

        await rig.SucceedAsync(Source);

        Assert.Equal(2, Builds(rig));
    }

    [Fact]
    public async Task A_failed_build_is_tried_again_and_does_not_make_the_last_good_one_forgotten()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo BUILT; [ ! -e broken ]")));
        await rig.SucceedAsync(Source);
        Assert.IsType<BuildFailed>(await rig.BuildAsync(Source.File("broken")));
        Assert.IsType<BuildFailed>(await rig.BuildAsync(Source.File("broken")));
        Assert.Equal(3, Builds(rig));

        await rig.ReuseAsync(Source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"last":{}}""")]
    public async Task A_record_that_cannot_be_read_is_as_none(string text)
    {
        await using var rig = Rig();
        await rig.SucceedAsync(Source);
        var record = Path.Combine(rig.Temp["caches"], rig.App.ToString(), "heroku-24.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(record));
        await File.WriteAllTextAsync(record, text);

        await rig.SucceedAsync(Source);

        Assert.Equal(2, Builds(rig));
    }

    [Fact]
    public async Task A_foreign_buildpack_that_moved_on_makes_another_build_and_a_pinned_one_is_not_fetched_again()
    {
        const string Pinned = "https://example.com/b.git#0123456789012345678901234567890123456789";
        var version = 1;
        var source = new FakeSource(reference => new(new ScriptBuildpack("echo BUILT", "ignored"), reference.IsPinned ? reference.Ref! : $"commit-{version}"));
        await using var rig = new BuildRig(foreign: source);

        await rig.SucceedAsync(Source.File(".buildpacks", "https://example.com/a.git"));
        await rig.ReuseAsync(Source.File(".buildpacks", "https://example.com/a.git"));
        version = 2;
        await rig.SucceedAsync(Source.File(".buildpacks", "https://example.com/a.git"));
        source.Fetched.Clear();
        await rig.SucceedAsync(Source.File(".buildpacks", Pinned));
        await rig.ReuseAsync(Source.File(".buildpacks", Pinned));

        Assert.Equal([Pinned], source.Fetched);
    }

    [Fact]
    public async Task A_slug_over_a_limit_that_was_lowered_is_not_used_again()
    {
        await using var rig = Rig();
        var size = (await rig.SucceedAsync(Source)).Slug.Size;
        await using var lower = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo BUILT")), options => options with { CachesDirectory = rig.Temp["caches"], MaxSlugBytes = size - 1 }) { App = rig.App };

        Assert.Contains("too large", Assert.IsType<BuildRejected>(await lower.BuildAsync(Source)).Reason, StringComparison.Ordinal);
    }

    private static BuildRig Rig() => new(new BuildpackRegistry(new ScriptBuildpack("echo BUILT")));

    private static int Builds(BuildRig rig) => rig.Output.Split('\n').Count(static line => line == "       BUILT");

    [Fact]
    public async Task How_its_buildpacks_were_found_is_said_anew()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo BUILT", "acme/one")));
        Assert.Equal("acme/one", (await rig.SucceedAsync(Source)).Detected?.Text);
        var detected = rig.Settings;
        rig.Settings = new() { Buildpacks = [BuildpackReference.Parse("acme/one")] };

        var named = await rig.ReuseAsync(Source);
        rig.Settings = detected;
        var again = await rig.ReuseAsync(Source);

        Assert.Equal((null, "acme/one"), (named.Detected?.Text, again.Detected?.Text));
    }
}
