namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class GoBuildpackTests
{
    private const string Hello = "package main\n\nimport \"os\"\n\nvar version string\n\nfunc main() { os.Stdout.WriteString(\"hello \" + version + \"\\n\") }\n";
    private static readonly PackageSources Offline = new() { Offline = true };

    [Fact]
    public async Task The_nethttp_sample_is_built_gets_a_Procfile_and_serves()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });

        var built = await rig.SucceedAsync(SampleApp.Source("go-nethttp"));

        Assert.Equal("bin/clock", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Contains("-----> Created a Procfile with the following entries:\n       web: bin/clock\n", rig.Output, StringComparison.Ordinal);
        await using (var app = await RunningApp.ServeAsync(rig, built.Slug))
        {
            Assert.Contains("Served by net/http on web.1", await app.Client.GetStringAsync("/"), StringComparison.Ordinal);
            Assert.Contains("\"zone\":\"Asia/Tokyo\"", await app.Client.GetStringAsync("/time?zone=Asia/Tokyo"), StringComparison.Ordinal);
        }

        var again = await rig.SucceedAsync(SampleApp.Source("go-nethttp"), RealBuilds.Again);
        Assert.Equal(built.Slug.Id, again.Slug.Id);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Modules_come_from_the_proxy_once()
    {
        await using var index = new LoopbackIndex();
        var sums = ModuleProxy.Publish(index, "example.test/text", "v1.2.0", "from the proxy");
        await using var rig = await BuildRig.Sandboxed(options: o => o with { Network = ProcessNetwork.Host, Packages = new() { GoProxy = index.Address } });
        var source = WithDependency().File("go.sum", sums);

        var built = await rig.SucceedAsync(source);

        Assert.Equal("from the proxy", await RunningApp.RunAsync(rig, built.Slug, "web"));
        Assert.Contains("example.test/text/@v/v1.2.0.zip", index.Requests);
        index.Forget();
        await rig.SucceedAsync(source.File("more.txt"));
        Assert.Empty(index.Requests);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(WithDependency().File("go.sum", sums.Replace("h1:", "h1:AAAA", StringComparison.Ordinal))));
        Assert.Contains("go list", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendor_directory_comes_before_everything()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });
        var source = WithDependency()
            .File("vendor/modules.txt", "# example.test/text v1.2.0\n## explicit; go 1.16\nexample.test/text\n")
            .File("vendor/example.test/text/text.go", ModuleProxy.Source("from vendor"));

        var built = await rig.SucceedAsync(source);

        Assert.Contains("go install -v -tags heroku -mod=vendor example.test/web\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("from vendor", await RunningApp.RunAsync(rig, built.Slug, "web"));
    }

    [Fact]
    public async Task Several_programs_hooks_a_linker_value_and_a_local_module()
    {
        await using var rig = new BuildRig(options: static o => o with { Packages = Offline });
        var source = new TarBuilder()
            .File("go.mod", "module example.test/shop/v2\n\nrequire example.test/text v0.0.0\n\nreplace example.test/text => ./text\n")
            .File("text/go.mod", "module example.test/text\n").File("text/text.go", ModuleProxy.Source("local"))
            .File("main.go", Hello).File("cmd/worker/main.go", "package main\n\nimport \"example.test/text\"\n\nfunc main() { println(text.Text()) }\n")
            .File("bin/go-pre-compile", "echo before $(go version)\n").File("bin/go-post-compile", "echo after $(ls bin)\n");
        Assert.True(ConfigPatch.TryCreate([new("GO_LINKER_SYMBOL", "main.version"), new("GO_LINKER_VALUE", "seven"), new("GOFLAGS", "-v"), new("GO111MODULE", "bogus")], out var patch, out _));

        var built = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch));

        // Offline the system's sources are used by the rules from before modules, in which 'v2' is a directory like others.
        Assert.Contains("-----> Running bin/go-pre-compile hook\n       before go version go1.", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       after go-post-compile go-pre-compile", rig.Output, StringComparison.Ordinal);
        Assert.Contains("does not say which Go it needs", rig.Output, StringComparison.Ordinal);
        Assert.Contains("worker: bin/worker\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("local", await RunningApp.RunAsync(rig, built.Slug, "worker"));
        Assert.Equal("hello seven", await RunningApp.RunAsync(rig, built.Slug, built.Slug.ProcessTypes.First(static t => t.Key.ToString() != "worker").Value));
    }

    [Fact]
    public async Task The_app_names_what_is_installed()
    {
        await using var rig = await BuildRig.Sandboxed();
        var source = new TarBuilder()
            .File("go.mod", "module example.test/shop\n\ngo 1.16\n\n// +heroku install ./cmd/one ./cmd/two\n")
            .File("cmd/one/main.go", Hello).File("cmd/two/main.go", Hello).File("cmd/three/main.go", Hello);
        Assert.True(ConfigPatch.TryCreate([new("GO_INSTALL_PACKAGE_SPEC", "./cmd/three"), new("GOVERSION", "go1.11")], out var patch, out _));

        var two = await rig.SucceedAsync(source);
        var one = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch));

        Assert.Equal(["one", "two"], two.Slug.ProcessTypes.Keys.Select(static t => t.ToString()));
        Assert.Equal("bin/three", one.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Contains("The config var GOVERSION asks for Go go1.11. This platform has the newer", rig.Output, StringComparison.Ordinal);
    }

    [FullFact]
    public async Task The_Gin_sample_is_built_from_the_systems_sources_and_from_a_vendor_directory()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });

        var built = await rig.SucceedAsync(SampleApp.Source("go-gin"));

        await using (var app = await RunningApp.ServeAsync(rig, built.Slug))
        {
            Assert.Matches("^Short links, served by Gin v1[.0-9]+ in release mode\\.", await app.Client.GetStringAsync("/"));
            using var form = new FormUrlEncodedContent([new("url", "https://example.com/long")]);
            using var made = await app.Client.PostAsync("/links", form);
            Assert.Equal("{\"link\":\"/links/1\"}", await made.Content.ReadAsStringAsync());
        }

        var vendored = await rig.SucceedAsync(SystemSources.Vendor(SampleApp.Source("go-gin")));
        Assert.Contains("-mod=vendor", rig.Output, StringComparison.Ordinal);
        await using var second = await RunningApp.ServeAsync(rig, vendored.Slug);
        Assert.Contains("served by Gin", await second.Client.GetStringAsync("/"), StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData("go.mod", "module example.test/web\n\ngo 1.99\n", "go.mod asks for Go 1.99, but this platform has Go 1.")]
    [InlineData("go.mod", "module example.test/web\n// +heroku goVersion newest\n", "which is no version")]
    [InlineData("go.mod", "go 1.19\n", "names no module")]
    [InlineData("go.mod", "module example.test/web\n\ngo 1.16\n", "'go install' ended with status")]
    [InlineData("Gopkg.lock", "", "manage its dependencies with dep")]
    [InlineData("glide.yaml", "", "with glide")]
    [InlineData("src/a/b/x.go", "package x\n", "with gb")]
    public async Task What_can_not_be_built_is_explained(string file, string content, string expected)
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File(file, content)));

        Assert.Equal("Go", failed.Buildpack);
        Assert.Contains(expected, failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_the_system_does_not_have_is_explained_offline()
    {
        await using var rig = new BuildRig(options: static o => o with { Packages = Offline });

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(WithDependency()));

        Assert.Contains("run 'go mod vendor' and commit vendor/", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("example.test/text", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_Go_says_how_to_get_it()
    {
        await using var rig = new BuildRig(options: static o => o with { Environment = o.Environment.Append(new("PATH", "/nonexistent")).ToDictionary() });

        Assert.Contains("apt-get install golang-go", Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("go.mod", "module a/b\n"))).Reason, StringComparison.Ordinal);
    }

    private static TarBuilder WithDependency() => new TarBuilder()
        .File("go.mod", "module example.test/web\n\ngo 1.17\n\nrequire example.test/text v1.2.0\n")
        .File("main.go", "package main\n\nimport (\n\t\"os\"\n\n\t\"example.test/text\"\n)\n\nfunc main() { os.Stdout.WriteString(text.Text() + \"\\n\") }\n");
}
