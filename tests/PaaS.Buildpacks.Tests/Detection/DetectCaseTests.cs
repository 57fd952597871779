namespace PaaS.Buildpacks.Tests;

/// <summary>What the official scripts <c>bin/detect</c> and <c>bin/release</c> say of 79 trees, the platform says too.</summary>
public sealed class DetectCaseTests
{
    /// <summary>The classic multi buildpack is none here: the platform runs what <c>.buildpacks</c> lists itself. See the test for it.</summary>
    private const string Multi = "release-multi";

    public static TheoryData<string> Ids { get; } = new(DetectCase.All.Select(static c => c.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_tree_is_taken_for_what_the_official_buildpacks_take_it_for(string id)
    {
        var expected = DetectCase.All.Single(c => c.Id == id);
        using var temp = new TempDirectory();
        expected.Write(temp["app"]);
        var before = Tree.Describe(temp["app"]);

        var inspection = await BuildpackRegistry.BuiltIn.InspectAsync(new SourceTree(temp["app"]));

        // An app of no language is deployed as it is, which no official buildpack does.
        var isDetected = inspection.Buildpack is not (null or "paas/procfile");
        Assert.Equal(expected.Buildpack, isDetected ? ShortName(inspection.Buildpack!) : null);
        Assert.Equal(expected.AlsoDetected, inspection.AlsoMatching.Select(ShortName));
        if (id != "static-index-html")
        {
            // No official buildpack takes that one, so that nobody has given it a name.
            Assert.Equal(expected.DisplayName, isDetected ? inspection.DisplayName : null);
        }

        if (expected.DefaultProcessTypes is { } types && id != Multi)
        {
            Assert.Equal(types.OrderBy(static t => t.Key, StringComparer.Ordinal), inspection.DefaultProcessTypes.Select(static t => KeyValuePair.Create(t.Key.ToString(), t.Value)));
        }

        if (expected.AddOns is { } addOns)
        {
            Assert.Equal(addOns, inspection.AddOns);
        }

        Assert.Equal(before, Tree.Describe(temp["app"]));
    }

    [Fact]
    public void There_are_70_trees_as_pushed_and_9_as_compiled() =>
        Assert.Equal([("detect", 70), ("release", 9)], DetectCase.All.GroupBy(static c => c.Kind).Select(static kind => (kind.Key, kind.Count())).Order());

    /// <summary>
    /// The multi buildpack hands the last one's release over in a file of the tree, <c>last_pack_release.out</c>, from its compile to its
    /// release. The platform does what it does, without a buildpack of that name and without the file: it names the buildpacks of
    /// <c>.buildpacks</c>, runs them in order, and the last one's process types are the app's.
    /// </summary>
    [Fact]
    public async Task Of_the_buildpacks_that_the_app_lists_the_last_ones_process_types_count()
    {
        await using var rig = new BuildRig(options: static o => o with { BuildpackRoots = [o.BuildsDirectory + "-packs"] });
        var packs = rig.Temp["builds-packs"];
        MakeBuildpack(packs, "first", "web: bin/first");
        MakeBuildpack(packs, "last", "web: bin/last");

        var built = await rig.SucceedAsync(new TarBuilder().File(".buildpacks", $"{packs}/first\n{packs}/last\n").File("last_pack_release.out", "---\ndefault_process_types:\n  web: bin/other\n"));

        Assert.Equal("bin/last", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal("First, Last", built.Slug.BuildpackDescription, ignoreCase: true);
    }

    private static void MakeBuildpack(string packs, string name, string types)
    {
        Tree.Write(packs, ($"{name}/bin/detect", $"#!/bin/bash\necho {name}\n"), ($"{name}/bin/compile", "#!/bin/bash\ntrue\n"), ($"{name}/bin/release", $"#!/bin/bash\necho 'default_process_types:'\necho '  {types}'\n"));
        File.SetUnixFileMode(packs, (UnixFileMode)0b111_101_101);
    }

    private static string ShortName(string id) => id[(id.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
