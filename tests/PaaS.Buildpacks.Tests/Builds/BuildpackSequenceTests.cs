using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

public sealed class BuildpackSequenceTests
{
    private static readonly BuildpackRelease Wishes = new()
    {
        ConfigVars = ImmutableSortedDictionary<string, string>.Empty.Add("RACK_ENV", "production"),
        AddOns = ["heroku-postgresql"],
    };

    [Fact]
    public async Task Several_run_in_order_and_each_sees_what_those_before_it_export()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(
            new ScriptBuildpack("echo first $A $B; echo 1 >>ran", "acme/one", "One") { Exports = Exports(("A", "a"), ("PATH", "/opt/one:/usr/bin:/bin")), Defaults = Types("web", "one"), Release = Wishes },
            new ScriptBuildpack("echo second $A $B $PATH; echo 2 >>ran", "acme/two", "Two") { Exports = Exports(("B", "b")) },
            new ScriptBuildpack("echo third $A $B; echo 3 >>ran", "acme/three", "Three") { Defaults = Types("worker", "three") }));

        var built = await rig.SucceedAsync(new TarBuilder().File(".buildpacks", "acme/two\nacme/one\nacme/three\n"));

        Assert.Contains("-----> Using buildpacks:\n       1. acme/two\n       2. acme/one\n       3. acme/three\n-----> Two app detected\n       second /usr/local/bin:/usr/bin:/bin\n-----> One app detected\n       first b\n-----> Three app detected\n       third a b\n", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       Default process types are those of the last buildpack, acme/three.\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("2\n1\n3\n", File.ReadAllText(Path.Combine(await rig.UnpackAsync(built.Slug), "ran")));
        Assert.Equal(["worker=three"], built.Slug.ProcessTypes.Select(static p => $"{p.Key}={p.Value}"));
        Assert.Equal("Two, One, Three", built.Slug.BuildpackDescription);
        Assert.Equal(["acme/two Two", "acme/one One", "acme/three Three"], built.Buildpacks.Select(static b => $"{b.Reference} {b.DisplayName}"));
        Assert.All(built.Buildpacks, static b => Assert.StartsWith("PaaS.Buildpacks.Tests@", b.Digest, StringComparison.Ordinal));
        Assert.Null(built.Detected);
        Assert.Empty(built.ConfigVars);
    }

    [Fact]
    public async Task What_the_last_one_wants_of_the_app_is_carried_out_and_what_detection_found_is_named()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true", "acme/one") { Release = Wishes, Detection = new Detection(true, DisplayName: "One on Rails") }));

        var built = await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"));

        Assert.Equal("production", built.ConfigVars["RACK_ENV"]);
        Assert.Equal(["heroku-postgresql"], built.AddOns.AsEnumerable());
        Assert.Equal("acme/one", built.Detected?.Text);
        Assert.Equal("One on Rails", built.Slug.BuildpackDescription);
        Assert.Contains("-----> Using buildpack: acme/one\n-----> One on Rails app detected\n", rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_of_no_language_is_not_bound_to_its_Procfile()
    {
        await using var rig = new BuildRig();

        Assert.Null((await rig.SucceedAsync(new TarBuilder().File("Procfile", "web: x\n"))).Detected);
    }

    [Theory]
    [InlineData(false, "It is named by the app's settings.")]
    [InlineData(true, "It was found by detection at the app's first build. 'heroku buildpacks:clear' has it detected anew")]
    public async Task A_named_buildpack_that_does_not_apply_stops_the_build_with_its_reason(bool detected, string advice)
    {
        await using var rig = new BuildRig(new BuildpackRegistry(
            new ScriptBuildpack("echo ran", "acme/one"), new ScriptBuildpack("echo never", "acme/two") { Detection = Detection.No("There is no two.toml.") }));
        rig.Settings = new() { Buildpacks = [BuildpackReference.Parse("acme/one"), BuildpackReference.Parse("acme/two")], IsDetected = detected };

        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File("a")));

        Assert.Equal(["App not compatible with buildpack: acme/two", "There is no two.toml."], rejected.Reason.Split('\n')[..2]);
        Assert.Contains(advice, rejected.Reason, StringComparison.Ordinal);
        Assert.EndsWith(" !     Push rejected, failed to detect set buildpack acme/two.", rig.Output, StringComparison.Ordinal);
        Assert.Contains("       ran\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("never", rig.Output, StringComparison.Ordinal);
        Assert.Empty(await rig.Store.ListAsync().ToListAsync());
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task The_one_that_fails_is_named()
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true", "acme/one", "One"), new ScriptBuildpack("exit 3", "acme/two", "Two")));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File(".buildpacks", "acme/one acme/two")));

        Assert.Equal("Two", failed.Buildpack);
    }

    [Fact]
    public async Task Foreign_ones_come_from_their_source_and_keep_its_digest()
    {
        var source = new FakeSource(static reference => reference.Text.EndsWith("#gone", StringComparison.Ordinal)
            ? throw new BuildpackUnavailableException("There is no branch 'gone'.")
            : new(new ScriptBuildpack("echo foreign", "ignored", "Foreign"), "abc123"));
        await using var rig = new BuildRig(foreign: source);

        var built = await rig.SucceedAsync(new TarBuilder().File(".buildpacks", "https://example.com/a.git").File("Procfile", "web: x"));
        var rejected = Assert.IsType<BuildRejected>(await rig.BuildAsync(new TarBuilder().File(".buildpacks", "https://example.com/a.git#gone")));

        Assert.Equal(("https://example.com/a.git", "Foreign", "abc123"), Assert.Single(built.Buildpacks) is var b ? (b.Reference.Text, b.DisplayName, b.Digest) : default);
        Assert.Contains("-----> Using buildpack: https://example.com/a.git\n-----> Foreign app detected\n       foreign\n", rig.Output, StringComparison.Ordinal);
        Assert.Equal("There is no branch 'gone'.", rejected.Reason);
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData("A=B", "x")]
    [InlineData("A", "\0")]
    [InlineData("", "x")]
    public async Task A_variable_that_no_environment_can_have_is_not_handed_on(string name, string value)
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new ScriptBuildpack("true", "acme/one") { Exports = Exports((name, value)) }));

        Assert.Contains("can't be in an environment", Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("a"))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_one_installs_in_the_app_is_found_by_the_next()
    {
        await using var rig = await BuildRig.Sandboxed(new BuildpackRegistry(
            new ScriptBuildpack("mkdir -p .heroku/bin && printf '#!/bin/sh\\necho own node\\n' >.heroku/real && chmod +x .heroku/real && ln -s /app/.heroku/real .heroku/bin/node", "acme/one") { Exports = Exports(("PATH", "/app/.heroku/bin:bin:/usr/bin:/bin")) },
            new Caller()));

        await rig.SucceedAsync(new TarBuilder().File(".buildpacks", "acme/one acme/caller").File("Procfile", "web: x"));

        Assert.Contains("       found /app/.heroku/bin/node\n       own node\n", rig.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write", ".profile.d")]
    [InlineData("read", "settings is larger than 4 bytes")]
    public async Task A_file_of_the_apps_that_a_buildpack_can_not_use_fails_the_build_by_its_name(string id, string reason)
    {
        await using var rig = new BuildRig(new BuildpackRegistry(new Stumbler(id)));

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File(".profile.d", "no directory").File("settings", "12345")));

        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    private static ImmutableSortedDictionary<ProcessType, string> Types(string type, string command) => ImmutableSortedDictionary<ProcessType, string>.Empty.Add(ProcessType.Parse(type), command);

    private static ImmutableSortedDictionary<string, string> Exports(params (string Name, string Value)[] values) =>
        values.ToImmutableSortedDictionary(static v => v.Name, static v => v.Value, StringComparer.Ordinal);

    private sealed class Caller : IBuildpack
    {
        public string Id => "acme/caller";

        public string DisplayName => "Caller";

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

        public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            context.Output.Detail($"found {context.FindProgram("node")}");
            await context.RunAsync(["node"], cancellationToken: cancellationToken);
            return new Compiled();
        }

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Empty);
    }

    /// <summary>Compiles by writing, releases by reading.</summary>
    private sealed class Stumbler(string id) : IBuildpack
    {
        public string Id => $"acme/{id}";

        public string DisplayName => id;

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(Detection.Yes);

        public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
        {
            if (id == "write")
            {
                context.WriteFile(".profile.d/x.sh", "x");
            }

            return ValueTask.FromResult<CompileResult>(new Compiled());
        }

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(BuildpackRelease.Web(context.Tree.ReadText("settings", 4)));
    }
}
