using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

public sealed class SlugBuilderTests
{
    private static readonly ImmutableSortedDictionary<ProcessType, string> WebAndConsole =
        ImmutableSortedDictionary<ProcessType, string>.Empty.Add(ProcessType.Web, "default-web").Add(ProcessType.Parse("console"), "irb");

    [Fact]
    public async Task An_app_of_no_language_needs_only_a_Procfile()
    {
        await using var rig = new BuildRig();

        var built = await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: python3 -m http.server $PORT\nworker: sleep 9\n").File("index.html", "hi"));

        Assert.Equal(
            """
            -----> Building on the Heroku-24 stack
            -----> Using buildpack: paas/procfile
            -----> Procfile app detected
            -----> Discovering process types
                   Procfile declares types -> web, worker

            -----> Compressing...
            """,
            rig.Output[..rig.Output.IndexOf("\n       Done: ", StringComparison.Ordinal)]);
        Assert.Equal("python3 -m http.server $PORT", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal("Procfile", built.Slug.BuildpackDescription);
        Assert.Equal("heroku-24", built.Slug.Stack);
        Assert.Equal("hi", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), "index.html")));
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task The_same_source_gives_the_same_slug()
    {
        await using var rig = new BuildRig();
        await using var other = new BuildRig();
        var source = new TarBuilder().File("Procfile", "web: x\n").File("b").File("a");

        Assert.Equal((await rig.SucceedAsync(source)).Slug.Id, (await other.SucceedAsync(source)).Slug.Id);
    }

    [Fact]
    public async Task Neither_Procfile_nor_language_is_rejected_in_Herokus_words()
    {
        await using var rig = new BuildRig();

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("readme.txt")));

        Assert.StartsWith("No default language could be detected for this app.", rejected.Reason, StringComparison.Ordinal);
        Assert.Contains("\n !     No default language could be detected for this app.\n\t\t\tHINT: This occurs when Heroku cannot detect", rig.Output, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_bad_archive_is_rejected()
    {
        await using var rig = new BuildRig();

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("../x")));

        Assert.Contains("'../x'", rejected.Reason, StringComparison.Ordinal);
        Assert.Contains(" !     ", rig.Output, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_merge_conflict_in_the_Procfile_is_rejected_with_its_line()
    {
        await using var rig = new BuildRig();

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("Procfile", "web: a\n<<<<<<< HEAD\nweb: b\n=======\nweb: c\n>>>>>>> other\n")));

        Assert.Contains("Procfile line 2:", rejected.Reason, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task The_manifest_goes_with_the_slug_and_leaves_its_archive_alone()
    {
        await using var rig = new BuildRig();
        const string manifest = """{"name": "x", "cron": [{"command": "rake a", "schedule": "@daily"}], "healthchecks": {"web": [{"type": "startup", "path": "/up"}]}}""";

        var slug = (await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n").File("app.json", manifest))).Slug;

        Assert.Equal(("@daily", "rake a"), (Assert.Single(slug.Manifest!.Cron).Schedule, slug.Manifest.Cron[0].Command));
        Assert.Equal("/up", slug.Manifest.HealthChecks[ProcessType.Web].Path);
        Assert.Equal(manifest, File.ReadAllText(Path.Combine(await rig.UnpackAsync(slug), "app.json")));
        Assert.Null((await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"))).Slug.Manifest);
    }

    [Theory]
    [InlineData("{\n\"cron\": oops\n}", " !     app.json, line 2: ")]
    [InlineData("", " !     app.json, line 1: ")]
    [InlineData(null, " !     app.json is larger than 65,536 bytes. It is passed over")]
    public async Task A_manifest_that_cannot_be_read_is_passed_over_with_a_warning(string? text, string warning)
    {
        await using var rig = new BuildRig();

        var built = await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n").File("app.json", text ?? new string(' ', AppManifest.MaxBytes + 1)));

        Assert.Contains(warning, rig.Output, StringComparison.Ordinal);
        Assert.True(built.Slug.Manifest is null or { Cron.IsEmpty: true });
    }

    [Fact]
    public async Task An_entry_of_the_manifest_that_cannot_be_carried_out_is_rejected_with_its_place()
    {
        await using var rig = new BuildRig();

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("Procfile", "web: x\n").File("app.json", """{"cron": [{"command": "x", "schedule": "* * *"}], "healthchecks": []}""")));

        Assert.StartsWith("app.json, cron[0].schedule: Column 6: the month is missing", rejected.Reason, StringComparison.Ordinal);
        Assert.Contains(" !     app.json, healthchecks: It must be an object", rig.Output, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Warnings_of_the_Procfile_are_printed()
    {
        await using var rig = new BuildRig();

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: a\nweb: b\n"));

        Assert.Contains(" !     Procfile line 2:", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_buildpacks_defaults_are_added_for_what_the_Procfile_does_not_declare()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true") { Defaults = WebAndConsole }));

        var built = await rig.SucceedAsync(new TarBuilder().File("Procfile", "release: migrate\nweb: mine\n"));

        Assert.Contains("       Procfile declares types     -> release, web\n       Default types for buildpack -> console\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("mine", built.Slug.ProcessTypes[ProcessType.Web]);
        Assert.Equal("irb", built.Slug.ProcessTypes[ProcessType.Parse("console")]);
    }

    [Fact]
    public async Task Without_a_Procfile_the_defaults_are_all_there_is()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true") { Defaults = WebAndConsole }));

        var built = await rig.SucceedAsync(new TarBuilder().File("a"));

        Assert.Contains("       Procfile declares types     -> (none)\n       Default types for buildpack -> console, web\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("default-web", built.Slug.ProcessTypes[ProcessType.Web]);
    }

    [Fact]
    public async Task The_Procfile_is_read_after_the_compile()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("printf 'web: bin/made\\n' > Procfile")));

        Assert.Equal("bin/made", (await rig.SucceedAsync(new TarBuilder().File("a"))).Slug.ProcessTypes[ProcessType.Web]);
    }

    [Fact]
    public async Task A_Procfile_that_a_build_makes_a_link_or_a_FIFO_shows_nothing_of_the_host()
    {
        foreach (var script in (string[])["ln -sf /etc/passwd Procfile", "rm -f Procfile; mkfifo Procfile", "mkdir Procfile"])
        {
            await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack(script)));

            var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("a")));

            Assert.Contains("Procfile is no regular file", rejected.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", rig.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Slugignore_works_before_detection()
    {
        await using var rig = new BuildRig();

        var built = await rig.SucceedAsync(new TarBuilder().File("package.json", "not even JSON").File("Procfile", "web: x").File("docs/a").File("docs/b").File(".slugignore", "package.json\n/docs\n!x\n"));

        Assert.Contains("-----> Deleting 3 files matching .slugignore patterns.", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" !     .slugignore line 3:", rig.Output, StringComparison.Ordinal);
        Assert.Equal([".slugignore", "Procfile"], Directory.EnumerateFileSystemEntries(await rig.UnpackAsync(built.Slug)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_failing_build_leaves_nothing_behind()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("mkdir -p a/b; touch a/b/c; chmod -R a-w a; echo no luck; exit 7")));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Equal("Script", failed.Buildpack);
        Assert.Contains("status 7", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("\n       no luck\n", rig.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n !     Push rejected, failed to compile Script app.", rig.Output, StringComparison.Ordinal);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_daemon_left_by_a_build_neither_holds_it_open_nor_survives()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("(setsid sleep 600 &) ; nohup sleep 601 & echo done")));

        await rig.SucceedAsync(new TarBuilder().File("a")).WaitAsync(TimeSpan.FromSeconds(30));

        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_cancelled_build_kills_its_tree_and_leaves_nothing()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("(setsid sleep 600 &); echo started; sleep 600")));
        using var cancel = new CancellationTokenSource();
        var build = rig.BuildAsync(new TarBuilder().File("a"), cancellationToken: cancel.Token);
        await Wait.UntilAsync(() => rig.Output.Contains("started", StringComparison.Ordinal));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_build_that_takes_too_long_fails_and_its_tree_is_killed()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("sleep 600")), static o => o with { Timeout = TimeSpan.FromSeconds(1.5) });

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Contains("timed out", failed.Reason, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task A_slug_over_the_limit_is_rejected()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("head -c 300000 /dev/urandom > noise")), static o => o with { MaxSlugBytes = 100 << 10 });

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Contains("too large (max is 100K)", rejected.Reason, StringComparison.Ordinal);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Commands_see_a_clean_environment_of_their_own()
    {
        Environment.SetEnvironmentVariable("PAAS_TEST_OF_THE_HOST", "leaks");
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("env; pwd; touch $HOME/h $TMPDIR/t; umask")));

        await rig.BuildAsync(new TarBuilder().File("a"), commit: "abc123");

        Assert.DoesNotContain("PAAS_TEST_OF_THE_HOST", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       PATH=/usr/local/bin:/usr/bin:/bin\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       STACK=heroku-24\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       SOURCE_VERSION=abc123\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains($"       HOME={rig.Temp["builds"]}/", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n !", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cache_lives_from_build_to_build_until_it_is_removed()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new CacheBuildpack()));

        await rig.SucceedAsync(new TarBuilder().File("a", "1"));
        await rig.SucceedAsync(new TarBuilder().File("a", "2"));
        rig.Builder.RemoveCache(rig.App);
        await rig.SucceedAsync(new TarBuilder().File("a", "3"));

        Assert.Equal(["cold", "warm", "cold"], rig.Output.Split('\n').Select(static l => l.Trim()).Where(static l => l is "cold" or "warm"));
    }

    [Fact]
    public async Task A_build_runs_as_the_apps_user_and_cannot_touch_what_is_the_hosts()
    {
        Assert.True(Environment.IsPrivilegedProcess, "An app gets a user of its own only from a host that is root: run the tests as root.");
        const string Script = "id -u; id -G; ls ../.. && echo LISTED; touch ../../x && echo WROTE; touch $HOME/../../y && echo WROTE; cat \"$SECRET\" && echo READ; true";
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack(Script)));
        File.WriteAllText(rig.Temp["secret"], "s3cret");
        File.SetUnixFileMode(rig.Temp["secret"], UnixFileMode.UserRead);
        Assert.True(ConfigPatch.TryCreate([new("SECRET", rig.Temp["secret"])], out var patch, out _));

        await rig.SucceedAsync(new TarBuilder().File("a"), ConfigVars.Empty.Apply(patch));

        Assert.Contains($"       {BuildRig.AppUser}\n       {BuildRig.AppUser}\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("WROTE", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("LISTED", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("READ", rig.Output, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Long_lines_are_cut_into_pieces_and_endless_output_is_cut_off()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("head -c 25000 /dev/zero | tr '\\0' x; echo; yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef | head -c 40000000; echo end")));

        await rig.SucceedAsync(new TarBuilder().File("a"));

        var output = rig.Output;
        Assert.DoesNotContain(output.Split('\n'), static line => line.Length > BuildOutput.MaxLineBytes);
        Assert.Equal(25_000, output.Count(static c => c == 'x'));
        Assert.True(output.Length < 30_000_000);
        Assert.Contains("the rest is left out", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_host_left_is_swept()
    {
        await using var rig = new BuildRig();
        Tree.Write(rig.Temp["builds"], ("0123/app/package.json", "{}"), ("0123/tmp/x", ""));

        rig.Builder.Sweep();

        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Of_several_buildpacks_that_match_the_first_builds_and_the_others_are_named()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true", "test/one"), new ScriptBuildpack("false", "test/two")));

        await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x"));

        Assert.Contains(" !     Several buildpacks can build this app: test/one, test/two.", rig.Output, StringComparison.Ordinal);
        Assert.Contains("-----> Using buildpack: test/one\n", rig.Output, StringComparison.Ordinal);
    }

    private sealed class CacheBuildpack : IBuildpack
    {
        public string Id => "test/cache";

        public string DisplayName => "Cache";

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

        public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            await context.RunAsync(["bash", "-c", "if [ -e \"$0/mark\" ]; then echo warm; else echo cold; touch \"$0/mark\"; fi", context.CacheDirectory], cancellationToken: cancellationToken);
            return new Compiled();
        }

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Empty);
    }
}
