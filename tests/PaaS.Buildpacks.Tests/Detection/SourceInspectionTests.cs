using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

public sealed class SourceInspectionTests
{
    [Fact]
    public async Task A_tree_shows_what_would_build_it_and_what_it_could_run()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("package.json", "{}"), ("Procfile", "worker: node w.js\nworker: node x.js\n"));
        var registry = new BuildpackRegistry(new NodejsBuildpack(), new ScriptBuildpack("true", "test/other"));

        var inspection = await registry.InspectAsync(new SourceTree(temp.Path));

        Assert.Equal(("heroku/nodejs", "Node.js", "Procfile"), (inspection.Buildpack, inspection.DisplayName, inspection.DeclaredBy));
        Assert.Equal(["test/other"], inspection.AlsoMatching.AsEnumerable());
        Assert.Equal("npm start", Assert.Single(inspection.DefaultProcessTypes).Value);
        Assert.Equal("node x.js", inspection.DeclaredProcessTypes[ProcessType.Worker]);
        Assert.Contains(inspection.Diagnostics, static d => d.StartsWith("Procfile line 2: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tree_that_nothing_builds_says_so()
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("readme.txt", ""));

        var inspection = await BuildpackRegistry.BuiltIn.InspectAsync(new SourceTree(temp.Path));

        Assert.Equal((null, null, null), (inspection.Buildpack, inspection.DisplayName, inspection.DeclaredBy));
        Assert.Empty(inspection.DefaultProcessTypes);
        Assert.Empty(inspection.DeclaredProcessTypes);
    }
}
