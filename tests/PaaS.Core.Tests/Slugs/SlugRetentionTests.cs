namespace PaaS.Core.Tests;

public class SlugRetentionTests
{
    private readonly Ledger _ledger = Ledger.WithApp();

    [Fact]
    public void The_newest_releases_keep_their_slugs_and_the_oldest_is_planned_first()
    {
        var slugs = Deploy("a", "b", "c", "d");

        Assert.Equal([slugs[0], slugs[1]], SlugRetention.Plan([App], 2).AsEnumerable());
        Assert.Equal([slugs[2], slugs[3]], SlugRetention.Needs(App, 2).Order(Comparer<SlugId>.Create((one, other) => Array.IndexOf(slugs, one) - Array.IndexOf(slugs, other))));
    }

    [Fact]
    public void A_slug_of_one_app_that_another_needs_is_not_planned()
    {
        var slugs = Deploy("a", "b");
        var other = Ledger.WithApp();
        other.Deploy("a", "web");
        other.Succeed();

        Assert.Equal([slugs[0]], SlugRetention.Plan([App], 1).AsEnumerable());
        Assert.Empty(SlugRetention.Plan([App, other.App!], 1));
    }

    [Fact]
    public void A_release_whose_slug_was_given_up_says_so_to_a_rollback_and_a_deploy_of_the_same_content_brings_it_back()
    {
        var slugs = Deploy("a", "b");
        _ledger.Do(new AppCommand.GiveUpSlugs([slugs[0], slugs[1]], 1));

        Assert.Equal((true, false), (App.Releases[1].IsSlugGivenUp, App.Releases[2].IsSlugGivenUp));
        Assert.False(App.Releases[1].IsEligibleForRollback);
        var refusal = ReleaseLedger.Decide(App, new AppCommand.Rollback(new ReleaseVersion(2))).Refusal;
        Assert.Equal(RefusalCode.Invalid, refusal?.Code);
        Assert.Contains("removed to free disk space", refusal!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(slugs[0], SlugRetention.Held([App]));

        Deploy("a");

        Assert.True(App.Releases[1].IsEligibleForRollback);
        Assert.Contains(slugs[0], SlugRetention.Held([App]));
        Assert.Null(ReleaseLedger.Decide(App, new AppCommand.Rollback(new ReleaseVersion(2))).Refusal);
    }

    [Fact]
    public void What_runs_is_kept_however_many_releases_are_newer()
    {
        var slugs = Deploy("a");
        for (var i = 0; i < 3; i++)
        {
            _ledger.Deploy($"bad {i}", "web");
            _ledger.Fail("it did not get ready");
        }

        Assert.Contains(slugs[0], SlugRetention.Needs(App, 1));
        Assert.Equal(3, SlugRetention.Plan([App], 1).Length);
    }

    [Fact]
    public void What_is_given_up_twice_or_never_was_is_not_recorded()
    {
        var slugs = Deploy("a", "b");
        _ledger.Do(new AppCommand.GiveUpSlugs([slugs[0]], 1));

        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(App, new AppCommand.GiveUpSlugs([slugs[0]], 1)));
        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(App, new AppCommand.GiveUpSlugs([Ledger.SlugOf("nobody's", "web").Id], 1)));
    }

    private App App => _ledger.App!;

    private SlugId[] Deploy(params string[] codes)
    {
        foreach (var code in codes)
        {
            _ledger.Deploy(code, "web");
            _ledger.Succeed();
        }

        return [.. codes.Select(code => Ledger.SlugOf(code, "web").Id)];
    }
}
