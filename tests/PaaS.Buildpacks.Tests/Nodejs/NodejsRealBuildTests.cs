using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class NodejsRealBuildTests
{
    private const string Server = "require('http').createServer((q, r) => r.end(require('greeting') + ' ' + process.env.NODE_ENV + ' ' + process.env.WEB_CONCURRENCY)).listen(process.env.PORT)";

    [Fact]
    public async Task Packages_come_from_the_operators_mirror_and_a_build_with_the_same_lock_file_asks_nobody()
    {
        await using var index = new LoopbackIndex();
        Publish(index, "greeting", "module.exports = 'hello from the mirror'");
        Publish(index, "builder", "module.exports = 'built'");
        await using var rig = await BuildRig.Sandboxed(options: o => o with { Network = ProcessNetwork.Host, Packages = o.Packages with { Npm = index.Address } });
        var source = Source("1");

        var first = await rig.SucceedAsync(source);

        Assert.Contains(index.Requests, static r => r == "greeting/-/greeting-1.0.0.tgz");
        Assert.Contains("Installing node modules (npm ci)", rig.Output, StringComparison.Ordinal);
        await using (var app = await RunningApp.ServeAsync(rig, first.Slug))
        {
            Assert.Equal("hello from the mirror production 1", await app.Client.GetStringAsync(new Uri("", UriKind.Relative)));
        }

        index.Forget();
        var second = await rig.SucceedAsync(Source("2"));

        Assert.Empty(index.Requests);
        Assert.Contains("Using node_modules of an earlier build", rig.Output, StringComparison.Ordinal);
        var tree = await rig.UnpackAsync(second.Slug);
        Assert.Equal("built 2", File.ReadAllText(Path.Combine(tree, "made.txt")));
        Assert.True(File.Exists(Path.Combine(tree, "node_modules/greeting/index.js")));
        Assert.False(Directory.Exists(Path.Combine(tree, "node_modules/builder")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Directories_that_an_app_names_are_kept_between_its_builds()
    {
        await using var rig = new BuildRig();
        var source = new TarBuilder().File("package.json", """{"cacheDirectories":["made/cache","../out","none"],"scripts":{"build":"mkdir -p made/cache && echo x >>made/cache/builds && cp made/cache/builds seen"}}""");

        await rig.SucceedAsync(source);
        var second = await rig.SucceedAsync(source.File("changed"));

        Assert.Equal("x\nx\n", File.ReadAllText(Path.Combine(await rig.UnpackAsync(second.Slug), "seen")));
    }

    [Fact]
    public async Task Files_that_a_script_builds_are_served_by_the_next_buildpack()
    {
        await using var rig = await BuildRig.Sandboxed();
        var built = await rig.SucceedAsync(new TarBuilder()
            .File("package.json", """{"scripts":{"build":"mkdir dist && echo '<h1>Hello</h1>' >dist/index.html"}}""")
            .File("static.json", """{"root":"dist","routes":{"/**":"index.html"}}""")
            .File(".buildpacks", "heroku/nodejs\nheroku/static\n"));

        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        Assert.Equal("<h1>Hello</h1>\n", await app.Client.GetStringAsync(new Uri("some/where", UriKind.Relative)));
    }

    [FullFact]
    public async Task The_single_page_sample_is_built_by_Vite_and_served_as_files()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Network = ProcessNetwork.Host });
        var built = await rig.SucceedAsync(SampleApp.Source("vite-spa"));
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        var page = await app.Client.GetStringAsync(new Uri("about", UriKind.Relative));
        Assert.Contains("<title>Hello from Vite</title>", page, StringComparison.Ordinal);
        var script = page.Split("src=\"/")[1].Split('"')[0];
        using var asset = await app.Client.GetAsync(new Uri(script, UriKind.Relative));
        Assert.True(asset.Headers.CacheControl is { Public: true, MaxAge.TotalDays: > 300 });
        Assert.Contains("About this app", await asset.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(await rig.UnpackAsync(built.Slug), "node_modules/vite")));
    }

    private static TarBuilder Source(string text) => new TarBuilder()
        .File("package.json", """
            {"name":"a","version":"1.0.0","scripts":{"start":"node server.js","build":"node build.js"},"dependencies":{"greeting":"1.0.0"},"devDependencies":{"builder":"1.0.0"}}
            """)
        .File("package-lock.json", """
            {"name":"a","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
              "":{"name":"a","version":"1.0.0","dependencies":{"greeting":"1.0.0"},"devDependencies":{"builder":"1.0.0"}},
              "node_modules/greeting":{"version":"1.0.0"},"node_modules/builder":{"version":"1.0.0","dev":true}}}
            """)
        .File("build.js", $"require('fs').writeFileSync('made.txt', require('builder') + ' {text}')")
        .File("server.js", Server);

    private static void Publish(LoopbackIndex index, string name, string code)
    {
        var manifest = $$"""{"name":"{{name}}","version":"1.0.0","main":"index.js"}""";
        var archive = new TarBuilder().File("package/package.json", manifest).File("package/index.js", code).Gzip().ToArray();
        var version = (JsonObject)JsonNode.Parse(manifest)!;
        version["dist"] = new JsonObject
        {
            ["tarball"] = new Uri(index.Address, $"{name}/-/{name}-1.0.0.tgz").AbsoluteUri,
            ["integrity"] = $"sha512-{Convert.ToBase64String(SHA512.HashData(archive))}",
        };
        index.Add($"{name}/-/{name}-1.0.0.tgz", archive);
        index.Add(name, new JsonObject { ["name"] = name, ["dist-tags"] = new JsonObject { ["latest"] = "1.0.0" }, ["versions"] = new JsonObject { ["1.0.0"] = version } }.ToJsonString());
    }
}
