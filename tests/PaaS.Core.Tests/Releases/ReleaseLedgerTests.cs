namespace PaaS.Core.Tests;

public class ReleaseLedgerTests
{
    [Fact]
    public void A_new_app_has_release_v1_without_code()
    {
        var app = Ledger.WithApp().App!;

        var release = Assert.Single(app.Releases);
        Assert.Equal("v1", release.Version.ToString());
        Assert.Equal("Initial release", release.Description);
        Assert.Equal(ReleaseStatus.Succeeded, release.Status);
        Assert.Null(release.Slug);
        Assert.Equal(app.Current, release);
    }

    [Fact]
    public void An_event_touches_the_pending_releases_and_none_that_is_settled()
    {
        var ledger = Ledger.WithApp();
        for (var i = 0; i < 100; i++)
        {
            ledger.Set("A", $"{i}");
            if (i % 3 == 0)
            {
                ledger.Fail();
            }
            else if (i % 3 == 1)
            {
                ledger.Succeed();
            }
        }

        App? app = null;
        foreach (var (e, origin) in ledger.Events)
        {
            app = ReleaseLedger.Apply(app, e, origin);
            Assert.Equal(app.Releases.TakeWhile(release => release.Status != ReleaseStatus.Pending).Count(), app.SettledReleases);
            Assert.DoesNotContain(app.Releases.Skip(app.SettledReleases), release => release.Status != ReleaseStatus.Pending);
        }

        Assert.Equal(ledger.App!.Pending!.Version, app!.Pending!.Version);
    }

    [Fact]
    public void A_deploy_is_pending_until_its_verdict_and_starts_one_web_dyno()
    {
        var ledger = Ledger.WithApp();

        var release = ledger.Deploy("code", "web", "worker");

        Assert.Equal(ReleaseStatus.Pending, release.Status);
        Assert.Equal("v1", ledger.App!.Current!.Version.ToString());
        ledger.Succeed();
        Assert.Equal("v2", ledger.App!.Current!.Version.ToString());
        Assert.Equal("web=1:Standard-1X worker=0:Standard-1X", string.Join(' ', ledger.App.Formation.Select(e => $"{e.Type}={e.Quantity}:{e.Size}")));
        Assert.StartsWith("Deploy ", ledger.App.Current.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_deploy_keeps_its_number_and_changes_nothing()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("good");
        ledger.Succeed();
        var before = ledger.App!;

        ledger.Deploy("bad", "web", "clock");
        ledger.Fail("R10");

        Assert.Equal(before.Current, ledger.App!.Current);
        Assert.Equal(before.Formation, ledger.App.Formation);
        Assert.Equal(before.ConfigVars, ledger.App.ConfigVars);
        Assert.Equal((ReleaseStatus.Failed, "R10"), (ledger.App.Find(new ReleaseVersion(3))!.Status, ledger.App.Find(new ReleaseVersion(3))!.Failure));
        Assert.Equal("v4", ledger.Deploy("next").Version.ToString());
    }

    [Fact]
    public void A_config_change_carries_the_current_slug_and_says_what_was_set()
    {
        var ledger = Ledger.WithApp();
        var slug = ledger.Deploy("code").Slug;
        ledger.Succeed();

        var one = ledger.Set("GREETING", "hello");
        var two = ledger.Do(new AppCommand.ChangeConfig(ConfigPatch.Create([new("A", "1"), new("B", "2"), new("GREETING", null)])));

        Assert.Equal(slug, one.Slug);
        Assert.Equal("Set GREETING config var", one.Description);
        Assert.Equal("Set A, B config vars, Remove GREETING config vars", ((AppEvent.ReleaseCreated)two.Events[0]).Description);
    }

    [Fact]
    public void A_change_that_changes_nothing_makes_no_release()
    {
        var ledger = Ledger.WithApp();
        ledger.Set("A", "1");

        var again = ledger.Do(new AppCommand.ChangeConfig(ConfigPatch.Create([new("A", "1"), new("GONE", null)])));

        Assert.Empty(again.Events);
        Assert.Null(again.Refusal);
    }

    [Fact]
    public void Stored_config_outlives_a_failed_config_release()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("code");
        ledger.Succeed();

        ledger.Set("BROKEN", "yes");
        ledger.Fail();

        Assert.Equal("yes", ledger.App!.ConfigVars["BROKEN"]);
        Assert.False(ledger.App.Current!.ConfigVars.ContainsKey("BROKEN"));
        Assert.Equal("yes", ledger.Deploy("mended").ConfigVars["BROKEN"]);
    }

    [Fact]
    public void A_rollback_has_the_slug_and_the_config_of_its_target()
    {
        var ledger = Ledger.WithApp();
        ledger.Set("A", "old");
        ledger.Succeed();
        var target = ledger.Deploy("first");
        ledger.Succeed();
        ledger.Set("A", "new");
        ledger.Succeed();
        ledger.Deploy("second");
        ledger.Succeed();

        ledger.Do(new AppCommand.Rollback(target.Version));
        ledger.Succeed();

        Assert.Equal("v6", ledger.App!.Current!.Version.ToString());
        Assert.Equal(target.Slug, ledger.App.Current.Slug);
        Assert.Equal("old", ledger.App.Current.ConfigVars["A"]);
        Assert.Equal("old", ledger.App.ConfigVars["A"]);
        Assert.Equal("Rollback to v3", ledger.App.Current.Description);
    }

    [Fact]
    public void A_failed_rollback_changes_nothing()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("first");
        ledger.Succeed();
        ledger.Set("A", "new");
        ledger.Succeed();

        ledger.Do(new AppCommand.Rollback(new ReleaseVersion(2)));
        ledger.Fail();

        Assert.Equal("new", ledger.App!.ConfigVars["A"]);
        Assert.Equal("v3", ledger.App.Current!.Version.ToString());
    }

    [Theory]
    [InlineData(1, RefusalCode.Invalid, "no code")]
    [InlineData(3, RefusalCode.Invalid, "failed")]
    [InlineData(4, RefusalCode.Invalid, "pending")]
    [InlineData(9, RefusalCode.NotFound, "v9")]
    [InlineData(0, RefusalCode.NotFound, "v0")]
    public void Only_a_release_that_ran_can_be_gone_back_to(int version, RefusalCode code, string says)
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("v2");
        ledger.Succeed();
        ledger.Deploy("v3");
        ledger.Fail();
        ledger.Deploy("v4");

        var refusal = ledger.Do(new AppCommand.Rollback(new ReleaseVersion(version))).Refusal!;

        Assert.Equal(code, refusal.Code);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_waits_behind_a_failed_deploy_is_composed_without_it()
    {
        var ledger = Ledger.WithApp();
        var good = ledger.Deploy("good").Slug;
        ledger.Succeed();
        var bad = ledger.Deploy("bad").Slug;
        ledger.Set("A", "1");
        Assert.Equal(bad, ledger.App!.Releases[^1].Slug);

        ledger.Fail();

        Assert.Equal(good, ledger.App!.Releases[^1].Slug);
        Assert.Equal("1", ledger.App.Releases[^1].ConfigVars["A"]);
        ledger.Succeed();
        Assert.Equal(good, ledger.App!.Current!.Slug);
    }

    [Fact]
    public void Releases_are_settled_in_order()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("first");
        ledger.Deploy("second");

        var refusal = ledger.Do(new AppCommand.Settle(new ReleaseVersion(3), null)).Refusal;

        Assert.Equal(RefusalCode.Conflict, refusal!.Code);
    }

    [Fact]
    public void Scaling_takes_numbers_changes_and_sizes_and_refuses_unknown_types()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("code", "web", "worker");
        ledger.Succeed();

        ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 2), new FormationUpdate(ProcessType.Parse("worker"), 1, IsRelative: true, DynoSize.Parse("standard-2x"))]));
        var unknown = ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 5), new FormationUpdate(ProcessType.Parse("clock"), 1)]));
        var nothing = ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 2)]));
        var tooMany = ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 101)]));

        Assert.Equal("web=2:Standard-1X worker=1:Standard-2X", string.Join(' ', ledger.App!.Formation.Select(e => $"{e.Type}={e.Quantity}:{e.Size}")));
        Assert.Contains("clock", unknown.Refusal!.Message, StringComparison.Ordinal);
        Assert.Empty(nothing.Events);
        Assert.NotNull(tooMany.Refusal);
    }

    [Fact]
    public void A_type_that_vanishes_from_the_slug_is_scaled_away_and_the_rest_keep_their_quantities()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("one", "web", "worker");
        ledger.Succeed();
        ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 3), new FormationUpdate(ProcessType.Parse("worker"), 2)]));

        ledger.Deploy("two", "web", "clock");
        ledger.Succeed();

        Assert.Equal("clock=0 web=3", string.Join(' ', ledger.App!.Formation.Select(e => $"{e.Type}={e.Quantity}")));
    }

    [Fact]
    public void Nothing_happens_to_a_destroyed_app()
    {
        var ledger = Ledger.WithApp();
        ledger.Do(new AppCommand.Destroy());

        Assert.Equal(RefusalCode.NotFound, ledger.Do(new AppCommand.Rename(AppName.Parse("another"))).Refusal!.Code);
    }
}
