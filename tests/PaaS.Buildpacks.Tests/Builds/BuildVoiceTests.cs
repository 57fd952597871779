namespace PaaS.Buildpacks.Tests;

/// <summary>What real programs of a build print, and what of it is heard.</summary>
public sealed class BuildVoiceTests
{
    private static readonly ConfigVars Vars = ConfigVars.Empty.Apply(ConfigPatch.Create(
    [
        new("API_KEY", "zXc9-vBn8-mAs7-dFg6"),
        new("DATABASE_URL", "postgres://app:s3cr3t-pw@db/app"),
        new("PHRASE", "nobody knows this"),
        new("RAILS_ENV", "production"),
    ]));

    [Fact]
    public async Task What_a_program_prints_is_heard_while_it_runs()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo first; until [ -e \"$GO\" ]; do sleep 0.1; done; echo last")));

        var build = rig.SucceedAsync(new TarBuilder().File("a"), ConfigVars.Empty.Apply(ConfigPatch.Create("GO", rig.Temp["go"])));
        await Wait.UntilAsync(() => rig.Output.Contains("       first", StringComparison.Ordinal));
        Assert.False(build.IsCompleted);
        await File.WriteAllTextAsync(rig.Temp["go"], "");
        await build;

        Assert.Contains("\n       last\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_a_line_break_is_heard_while_the_program_waits()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("printf 'Continue? '; until [ -e \"$GO\" ]; do sleep 0.1; done; printf yes")));

        var build = rig.SucceedAsync(new TarBuilder().File("a"), ConfigVars.Empty.Apply(ConfigPatch.Create("GO", rig.Temp["go"])));
        await Wait.UntilAsync(() => rig.Output.Contains("       Continue? ", StringComparison.Ordinal));
        await File.WriteAllTextAsync(rig.Temp["go"], "");
        await build;

        Assert.Contains("\n       yes\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_closes_its_output_is_waited_for()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo heard; exec >&- 2>&-; sleep 0.3; exit 3")));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Contains("status 3", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("\n       heard\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_program_does_not_make_a_silent_build()
    {
        await using var rig = new BuildRig(
            new BuildpackRegistry(new ScriptBuildpack("until [ -e \"$GO\" ]; do sleep 0.1; done")),
            static options => options with { Heartbeat = TimeSpan.FromSeconds(0.2) });

        var build = rig.SucceedAsync(new TarBuilder().File("a"), ConfigVars.Empty.Apply(ConfigPatch.Create("GO", rig.Temp["go"])));
        await Wait.UntilAsync(() => rig.Output.Contains("       Still building: 0.4 s without output", StringComparison.Ordinal));
        await File.WriteAllTextAsync(rig.Temp["go"], "");
        await build;
    }

    [Fact]
    public async Task Secrets_are_masked_in_whatever_form_a_program_prints_them()
    {
        const string Script = """
            env | sort
            printf %s "$API_KEY" | base64
            printf 'user:%s' "$API_KEY" | base64
            printf '%s' "$API_KEY" | sed 's/-/%2D/g'; echo
            printf '"%s"\n' "$API_KEY" | sed 's/-/\\u002d/g'
            printf '%s' "${API_KEY:0:7}"; sleep 0.2; printf '%s\n' "${API_KEY:7}"
            echo "psql: password s3cr3t-pw"
            echo "phrase: $PHRASE"
            head -c 9995 /dev/zero | tr '\0' .; echo "$API_KEY"
            """;
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack(Script)));

        await rig.SucceedAsync(new TarBuilder().File("a"), Vars, BuildSettings.Default with { Secrets = ["PHRASE"] });

        foreach (var piece in (string[])["zXc9", "vBn8", "mAs7", "dFg6", "s3cr3t", "nobody", "elhjOS12Qm44", "6WGM5LXZCbj"])
        {
            Assert.DoesNotContain(piece, rig.Output, StringComparison.Ordinal);
        }

        Assert.Contains("       API_KEY=[FILTERED]\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       DATABASE_URL=[FILTERED]\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       RAILS_ENV=production\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       \"[FILTERED]\"\n       [FILTERED]\n       psql: password [FILTERED]\n       phrase: [FILTERED]\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_the_reason_of_a_failure_nor_the_platforms_own_lines_show_secrets()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new QuotingBuildpack()));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a"), Vars));

        Assert.Equal("API_KEY '[FILTERED]' is refused.", failed.Reason);
        Assert.Contains("       read: [FILTERED]\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("zXc9", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_of_an_app_that_says_what_is_no_secret_shows_it()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("echo \"$API_KEY\"")));

        await rig.SucceedAsync(new TarBuilder().File("a"), Vars, BuildSettings.Default with { NotSecrets = ["API_KEY"] });

        Assert.Contains("       zXc9-vBn8-mAs7-dFg6\n", rig.Output, StringComparison.Ordinal);
    }

    private sealed class QuotingBuildpack : IBuildpack
    {
        public string Id => "test/quoting";

        public string DisplayName => "Quoting";

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

        public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            var (_, text) = await context.ReadAsync(["bash", "-c", "printf 'a\\r\\n%s\\n' \"$API_KEY\""], context.ConfigVars, cancellationToken: cancellationToken);
            Assert.Equal("a\nzXc9-vBn8-mAs7-dFg6", text);
            context.Output.Detail($"read: {text[2..]}");
            return new CompileFailed($"API_KEY '{context.ConfigVars["API_KEY"]}' is refused.");
        }

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Empty);
    }

    [Fact]
    public async Task What_an_app_hides_in_its_heroku_yml_is_masked_beside_what_its_config_vars_hide()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("""echo "mine: $API_KEY, $OTHER_TOKEN, $RAILS_ENV, of old: zXc9-vBn8-mAs7-dFg6" """)));

        await rig.SucceedAsync(new TarBuilder().File("heroku.yml", "build:\n  config:\n    API_KEY: qWe1-rTy2-uIo3\n    OTHER_TOKEN: pAs4-dFg5-hJk6\n"), Vars);

        Assert.Contains("       mine: [FILTERED], [FILTERED], production, of old: [FILTERED]\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_can_not_be_taken_ends_the_build_instead_of_holding_it()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("yes")));
        var output = new BuildOutput(static line => _ = line.Span.IndexOf("       y"u8) < 0 ? 0 : throw new IOException("The disk is full."));

        var failure = await Assert.ThrowsAsync<IOException>(async () => await rig.BuildAsync(new TarBuilder().File("a"), output));

        Assert.Equal("The disk is full.", failure.Message);
        rig.AssertNothingLeft();
    }
}
