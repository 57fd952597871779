namespace PaaS.Buildpacks.Tests;

public sealed class BuildSandboxTests
{
    private const ProcessIsolation Everything = (ProcessIsolation)(-1);
    private static readonly ProcessSpec Command = new() { Command = ["npm"], WorkingDirectory = "/", Label = "shop/build" };

    [Fact]
    public void A_sandboxed_build_sees_its_own_directories_and_what_the_operator_names()
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp["ca.pem"], "x");
        var options = Options(temp) with { ReadOnlyPaths = [temp["ca.pem"], temp["missing"], temp["ca.pem"]] };
        using var workspace = BuildWorkspace.Make(options, Request());

        var sandbox = new BuildSandbox(workspace, options, Everything);
        var spec = sandbox.Enclose(Command);

        Assert.Equal(("/app", "/tmp"), (sandbox.AppPath, sandbox.Temporary));
        Assert.Equal(
            [
                new(workspace.Temporary, "/tmp", ProcessMountMode.Writable),
                new(workspace.Work, workspace.Work, ProcessMountMode.Writable),
                new(workspace.App, "/app", ProcessMountMode.Writable),
                new(workspace.Home, workspace.Home, ProcessMountMode.Writable),
                new(workspace.Kept.Mount, workspace.Kept.Mount, ProcessMountMode.Writable),
                new ProcessMount(temp["ca.pem"], temp["ca.pem"], ProcessMountMode.ReadOnly),
            ],
            spec.Mounts.AsEnumerable());
        Assert.Equal("build", spec.HostName);
        Assert.Equal(ProcessNetwork.Own, spec.Network);
        Assert.Equal(options.Limits, spec.Limits);
        Assert.Equal(ProcessNetwork.Host, new BuildSandbox(workspace, options with { Network = ProcessNetwork.Host }, Everything).Enclose(Command).Network);
    }

    [Fact]
    public void Without_a_sandbox_nothing_is_asked_for_that_would_be_refused_or_hold_for_others()
    {
        using var temp = new TempDirectory();
        var options = Options(temp);
        using var workspace = BuildWorkspace.Make(options, Request());

        var sandbox = new BuildSandbox(workspace, options, ProcessIsolation.Memory);
        var spec = sandbox.Enclose(Command);

        Assert.Equal((workspace.App, workspace.Temporary), (sandbox.AppPath, sandbox.Temporary));
        Assert.Empty(spec.Mounts);
        Assert.Equal(ProcessNetwork.Host, spec.Network);
        Assert.Equal(options.Limits with { Processes = null }, spec.Limits);
    }

    [Fact]
    public async Task In_a_real_sandbox_a_build_can_do_its_work_and_sees_nothing_else()
    {
        const string Script = """
            echo "who $(id -u) $(hostname) $(ls /proc | grep -c '^[0-9]')"
            echo "dirs $PWD $HOME $TMPDIR"
            echo made >made && echo kept >"$CACHE/kept" && mktemp >/dev/null && touch "$HOME/h" && echo WORKED
            ls "$SECRETS" && echo SAW
            ls /root /home && echo SAW
            ls "$(dirname "$HOME")/.." | wc -l
            for place in /etc /usr /; do touch "$place/x" && echo "WROTE $place"; done
            true
            """;
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(new CachedScript(Script)));
        Directory.CreateDirectory(rig.Temp["records-of-others"]);
        Assert.True(ConfigPatch.TryCreate([new("SECRETS", rig.Temp["records-of-others"])], out var patch, out _));

        var built = await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"), ConfigVars.Empty.Apply(patch));

        Assert.Contains($"       who {rig.UserId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? ""}", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" build ", rig.Output, StringComparison.Ordinal);
        Assert.Contains($"       dirs /app {rig.Temp["builds"]}/", rig.Output, StringComparison.Ordinal);
        Assert.Contains("/home /tmp\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("WORKED", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SAW", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("WROTE", rig.Output, StringComparison.Ordinal);
        Assert.Equal("made\n", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), "made")));
        Assert.Equal("kept\n", File.ReadAllText(Path.Combine(rig.Cache, "kept")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_over_its_memory_or_disk_fails_and_says_why()
    {
        static BuildOptions Small(BuildOptions options) => options with { Limits = options.Limits with { MemoryBytes = 64L << 20, DiskBytes = 20L << 20 } };
        await using var hog = await BuildRig.Sandboxed(new BuildpackRegistry(new ScriptBuildpack("exec tail /dev/zero")), Small);
        await using var filler = await BuildRig.Sandboxed(new BuildpackRegistry(new ScriptBuildpack("head -c 30000000 /dev/zero >$TMPDIR/big; sleep 300")), Small);

        Assert.IsType<BuildFailed>(await hog.BuildAsync(new TarBuilder().File("a")));
        Assert.IsType<BuildFailed>(await filler.BuildAsync(new TarBuilder().File("a")));

        Assert.Contains(" !     The build used more than 64M of memory", hog.Output, StringComparison.Ordinal);
        Assert.Contains(" !     The build, its cache and its temporary files came over 20M of disk", filler.Output, StringComparison.Ordinal);
        hog.AssertNothingLeft();
        filler.AssertNothingLeft();
    }

    [Fact]
    public async Task A_Nodejs_app_is_built_in_a_sandbox()
    {
        await using var rig = await BuildRig.Sandboxed();

        var built = await rig.SucceedAsync(new TarBuilder()
            .File("package.json", """{"name": "x", "scripts": {"build": "node -e \"require('fs').writeFileSync('built', 'yes')\"", "start": "node x.js"}}"""));

        Assert.Equal("yes", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), "built")));
        rig.AssertNothingLeft();
    }

    private static BuildOptions Options(TempDirectory temp) => new() { BuildsDirectory = temp["builds"], CachesDirectory = temp["caches"] };

    private static BuildRequest Request() => new() { App = AppId.New(), AppName = AppName.Parse("shop"), Source = Stream.Null };

    private sealed class CachedScript(string script) : IBuildpack
    {
        public string Id => "test/cached";

        public string DisplayName => "Cached";

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

        public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            var variables = context.ConfigVars.ToDictionary();
            variables["CACHE"] = context.CacheDirectory;
            var exit = await context.RunAsync(["bash", "-c", script], variables, cancellationToken: cancellationToken);
            return exit.Succeeded ? new Compiled() : new CompileFailed($"status {exit.Status}");
        }

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Empty);
    }
}
