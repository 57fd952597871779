namespace PaaS.Buildpacks.Tests;

public sealed class NodejsBuildpackTests
{
    [Fact]
    public async Task A_real_app_is_built_with_npm_and_its_cache_is_kept()
    {
        await using var rig = new BuildRig();
        var source = new TarBuilder()
            .File("package.json", """
                {"name":"a","version":"1.0.0","scripts":{"start":"node server.js","build":"echo mode=$NODE_ENV greeting=$GREETING > built.txt && node -e 'require(\"is-odd\")'"},
                 "dependencies":{"is-number":"7.0.0"},"devDependencies":{"is-odd":"3.0.1"},"engines":{"node":">=16"}}
                """)
            .File("server.js", "console.log(require('is-number')(5))");
        Assert.True(ConfigPatch.TryCreate([new("GREETING", "hello"), new("PATH", "/nowhere"), new("LD_PRELOAD", "/nowhere.so")], out var patch, out _));

        var built = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch));

        var app = await rig.UnpackAsync(built.Slug);
        Assert.True(File.Exists(Path.Combine(app, "node_modules/is-number/package.json")));
        Assert.False(Directory.Exists(Path.Combine(app, "node_modules/is-odd")));
        Assert.Equal("mode=production greeting=hello\n", File.ReadAllText(Path.Combine(app, "built.txt")));
        Assert.Equal("npm start", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal("Node.js", built.Slug.BuildpackDescription);
        Assert.Contains("-----> Using buildpack: heroku/nodejs\n-----> Node.js app detected\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       Default types for buildpack -> web\n", rig.Output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(rig.Cache, "npm")));
        rig.AssertNothingLeft();

        // The lock file that npm wrote makes the next one an npm ci, and offline proves the cache.
        source.File("package-lock.json", File.ReadAllText(Path.Combine(app, "package-lock.json")));
        Assert.True(ConfigPatch.TryCreate([new("NPM_CONFIG_OFFLINE", "true")], out var offline, out _));
        var again = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch).Apply(offline));
        Assert.Contains("(npm ci)", rig.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(await rig.UnpackAsync(again.Slug), "node_modules/is-number/package.json")));
    }

    [Fact]
    public async Task Scripts_run_in_Herokus_order_and_postbuild_replaces_build()
    {
        await using var rig = new BuildRig();

        await rig.SucceedAsync(new TarBuilder().File("package.json", """
            {"scripts":{"build":"echo ran-build","heroku-prebuild":"echo ran-pre","heroku-postbuild":"echo ran-post","heroku-cleanup":"echo ran-cleanup"}}
            """));

        Assert.Equal(["ran-pre", "ran-post", "ran-cleanup"], rig.Output.Split('\n').Select(static l => l.Trim()).Where(static l => l.StartsWith("ran-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failing_build_script_fails_the_build()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("package.json", """{"scripts":{"build":"echo broken >&2; exit 3"}}""")));

        Assert.Equal("Node.js", failed.Buildpack);
        Assert.Contains("'npm run build' ended with status 3", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("       broken\n", rig.Output, StringComparison.Ordinal);
        Assert.EndsWith(" !     Push rejected, failed to compile Node.js app.", rig.Output, StringComparison.Ordinal);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Invalid_JSON_fails_with_its_place()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("package.json", "{\n \"a\": 1,\n}")));

        Assert.Contains("package.json is not valid JSON at line 3", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Node_that_the_machine_does_not_have_is_named_with_what_it_has()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("package.json", """{"engines":{"node":"4.x"}}""")));

        Assert.Contains("wants node '4.x'", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("this platform has node ", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_that_is_none_is_refused()
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("package.json", """{"engines":{"node":"the newest"}}""")));

        Assert.Contains("no version range", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_Node_says_how_to_get_it()
    {
        await using var rig = new BuildRig(options: static o => o with { Environment = o.Environment.ToDictionary().Append(new("PATH", "/nonexistent")).ToDictionary() });

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("package.json", "{}")));

        Assert.Contains("apt-get install nodejs npm", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_file_that_is_not_followed_is_told()
    {
        await using var rig = new BuildRig();

        await rig.SucceedAsync(new TarBuilder().File("package.json", "{}").File(".nvmrc", "v4.9.1\n").File(".node-version", ">=16"));

        Assert.Contains(" !     .nvmrc says 'v4.9.1'; it is not followed.", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(".node-version", rig.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mcp: node mcp.js", false)]
    [InlineData("mcp-tools: node mcp.js", false)]
    [InlineData("worker: node worker.js", true)]
    [InlineData(null, true)]
    public async Task There_is_a_web_process_unless_the_Procfile_declares_an_mcp_server(string? procfile, bool web)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("package.json", ""));
        if (procfile is not null)
        {
            Tree.Write(temp.Path, ("Procfile", procfile));
        }

        var release = await new NodejsBuildpack().ReleaseAsync(new BuildContext(new SourceTree(temp.Path)), default);

        Assert.Equal(web, release.DefaultProcessTypes.ContainsKey(ProcessType.Web));
    }

    [Fact]
    public async Task A_link_to_a_package_json_outside_the_app_is_not_detected()
    {
        await using var rig = new BuildRig();
        File.WriteAllText(rig.Temp["package.json"], "{}");

        Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().Link("package.json", rig.Temp["package.json"])));
    }

    [Fact]
    public async Task A_link_to_a_package_json_within_the_app_is_detected()
    {
        await using var rig = new BuildRig();

        await rig.SucceedAsync(new TarBuilder().File("real/package.json", "{}").Link("package.json", "real/package.json"));

        Assert.Contains("Node.js app detected", rig.Output, StringComparison.Ordinal);
    }
}
