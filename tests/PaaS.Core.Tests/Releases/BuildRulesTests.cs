using System.Collections.Immutable;

namespace PaaS.Core.Tests;

public class BuildRulesTests
{
    private static readonly ImmutableList<BuildpackReference> s_ruby = [BuildpackReference.Parse("heroku/ruby")];
    private readonly Ledger _ledger = Ledger.WithApp();

    [Fact]
    public void What_a_change_does_not_name_stays()
    {
        Change(new BuildPatch { Buildpacks = s_ruby, Root = SourcePath.Parse("apps/web"), Secrets = ["A"] });
        Change(new BuildPatch { AppDirectory = SourcePath.Parse("src") });

        var build = _ledger.App!.Build;
        Assert.Equal(("heroku/ruby", "apps/web", "src"), (build.Buildpacks.Single().Text, build.Root?.ToString(), build.AppDirectory?.ToString()));
        Assert.Equal(["A"], build.Secrets);
        Assert.Single(_ledger.App.Releases);
    }

    [Fact]
    public void The_root_of_the_source_is_no_directory()
    {
        Change(new BuildPatch { Root = SourcePath.Parse("apps/web") });
        Change(new BuildPatch { Root = default(SourcePath) });

        Assert.Null(_ledger.App!.Build.Root);
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_recorded()
    {
        Change(new BuildPatch { Buildpacks = s_ruby, Secrets = ["A"] });

        Assert.Same(Decision.Nothing, Decide(new BuildPatch { Buildpacks = [BuildpackReference.Parse("heroku/ruby")], Secrets = ["A"], Root = default(SourcePath) }));
        Assert.Same(Decision.Nothing, Decide(new BuildPatch()));
    }

    [Fact]
    public void What_detection_found_is_kept_unless_buildpacks_are_set_and_setting_any_ends_that()
    {
        _ledger.Do(new AppCommand.AdoptBuildpacks(s_ruby));
        Assert.True(_ledger.App!.Build.IsDetected);
        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(_ledger.App, new AppCommand.AdoptBuildpacks([BuildpackReference.Parse("heroku/go")])));

        Change(new BuildPatch { Secrets = ["A"] });
        Assert.True(_ledger.App.Build.IsDetected);
        Change(new BuildPatch { Buildpacks = s_ruby });
        Assert.False(_ledger.App.Build.IsDetected);
        Change(new BuildPatch { Buildpacks = [] });
        _ledger.Do(new AppCommand.AdoptBuildpacks([BuildpackReference.Parse("heroku/go")]));
        Assert.Equal(("heroku/go", true), (_ledger.App.Build.Buildpacks.Single().Text, _ledger.App.Build.IsDetected));
    }

    [Fact]
    public void A_name_is_a_secret_or_none()
    {
        Change(new BuildPatch { Secrets = ["A", "B"] });
        Change(new BuildPatch { NotSecrets = ["B"] });

        Assert.Equal(["A"], _ledger.App!.Build.Secrets);
        Assert.Equal(["B"], _ledger.App.Build.NotSecrets);
        Assert.Contains("both", Refused(new BuildPatch { Secrets = ["A"], NotSecrets = ["A"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_much_or_no_name_is_refused()
    {
        Assert.Contains("at most 20", Refused(new BuildPatch { Buildpacks = [.. Enumerable.Repeat(s_ruby[0], 21)] }), StringComparison.Ordinal);
        Assert.Contains("at most 200", Refused(new BuildPatch { Secrets = [.. Enumerable.Range(0, 201).Select(i => $"A{i}")] }), StringComparison.Ordinal);
        Assert.Contains("not_secrets", Refused(new BuildPatch { NotSecrets = ["A=B"] }), StringComparison.Ordinal);
    }

    private string Refused(BuildPatch patch)
    {
        var refusal = Decide(patch).Refusal;
        Assert.Equal(RefusalCode.Invalid, refusal?.Code);
        return refusal!.Message;
    }

    private Decision Decide(BuildPatch patch) => ReleaseLedger.Decide(_ledger.App, new AppCommand.ChangeBuild(patch));

    private void Change(BuildPatch patch) => _ledger.Do(new AppCommand.ChangeBuild(patch));
}
