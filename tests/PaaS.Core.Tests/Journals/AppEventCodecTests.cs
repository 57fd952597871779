using System.Text;

namespace PaaS.Core.Tests;

public class AppEventCodecTests
{
    private readonly InMemorySecretBox _secrets = new();

    [Fact]
    public void Every_event_survives_the_journal()
    {
        var ledger = Ledger.WithApp();
        ledger.Set("SECRET", "hunter2 \"quoted\" \u00e9");
        ledger.Succeed();
        ledger.Deploy("code", "web", "worker");
        ledger.Fail("R10: it did not bind");
        ledger.Deploy("code", "web", "worker");
        ledger.Succeed();
        ledger.Do(new AppCommand.Rollback(ledger.App!.Current!.Version));
        ledger.Succeed();
        ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 4)]));
        ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, 3)]));
        var job = new ScheduledJob(Guid.NewGuid(), CronSchedule.Parse("every 10 minutes"), "rake \"a\"");
        ledger.Do(new AppCommand.CreateJob(job));
        ledger.Do(new AppCommand.CreateJob(new ScheduledJob(Guid.NewGuid(), CronSchedule.Parse("@daily"), "rake b", DynoSize.Standard2X)));
        ledger.Do(new AppCommand.UpdateJob(job.Id, null, "rake c", DynoSize.Eco));
        ledger.Do(new AppCommand.CreateJob(job with { Id = Guid.NewGuid() }));
        ledger.Do(new AppCommand.RemoveJob(ledger.App!.Jobs[^1].Id));
        ledger.Do(new AppCommand.ChangeBuild(new BuildPatch { Buildpacks = [BuildpackReference.Parse("heroku/ruby"), BuildpackReference.Parse("https://example.com/pack.git#v2")], Root = SourcePath.Parse("apps/web"), Secrets = ["LICENSE"] }));
        ledger.Do(new AppCommand.ChangeBuild(new BuildPatch { AppDirectory = SourcePath.Parse("src"), NotSecrets = ["TOKEN_KIND"] }));
        ledger.Do(new AppCommand.GiveUpSlugs([.. ledger.App!.Releases.Select(release => release.Slug?.Id).OfType<SlugId>()], 1));
        ledger.Do(new AppCommand.SetMaintenance(true));
        ledger.Do(new AppCommand.ChangeRouting(new RoutePatch
        {
            ConnectTimeout = new(TimeSpan.FromMilliseconds(1500)),
            FirstByteTimeout = new(TimeSpan.FromMinutes(2)),
            IdleTimeout = new(TimeSpan.FromHours(1)),
            BootWait = new(TimeSpan.Zero),
            MaxInFlightPerDyno = new(10),
            KeepsConnections = new(false),
            EndToEndContinue = true,
            Hold = new(TimeSpan.FromSeconds(20)),
        }));
        ledger.Do(new AppCommand.Rename(AppName.Parse("renamed-app")));
        var id = ledger.App!.Id;
        var codec = new AppEventCodec(_secrets);

        App? replayed = null;
        var version = 0L;
        foreach (var (e, origin) in ledger.Events)
        {
            var written = codec.Encode(id, e, origin, Guid.NewGuid());
            replayed = ReleaseLedger.Apply(replayed, codec.Decode(id, new RecordedEvent(StreamName.Of(id), ++version, version, written)), new EventOrigin(written.Actor, written.Time));
        }

        Assert.Equal(ledger.App.Releases.Select(Text), replayed!.Releases.Select(Text));
        Assert.Equal(ledger.App.Formation, replayed.Formation);
        Assert.Equal(ledger.App.ConfigVars, replayed.ConfigVars);
        Assert.Equal(ledger.App.Name, replayed.Name);
        Assert.Equal(["rake c", "rake b"], replayed.Jobs.Select(j => j.Command));
        Assert.Equal(ledger.App.Jobs, replayed.Jobs);
        Assert.Equal(["heroku/ruby", "https://example.com/pack.git#v2"], replayed.Build.Buildpacks.Select(reference => reference.Text));
        Assert.Equal((SourcePath.Parse("apps/web"), SourcePath.Parse("src"), false), (replayed.Build.Root!.Value, replayed.Build.AppDirectory!.Value, replayed.Build.IsDetected));
        Assert.True(replayed.Maintenance);
        Assert.Equal(ledger.App.Routing, replayed.Routing);
        Assert.Equal((1500, 120_000, 3_600_000, 0), (replayed.Routing.ConnectTimeout?.TotalMilliseconds, replayed.Routing.FirstByteTimeout?.TotalMilliseconds, replayed.Routing.IdleTimeout?.TotalMilliseconds, replayed.Routing.BootWait?.TotalMilliseconds));
        Assert.Equal((10, false, true, 20), (replayed.Routing.MaxInFlightPerDyno, replayed.Routing.KeepsConnections, replayed.Routing.EndToEndContinue, replayed.Routing.Hold?.TotalSeconds));
        Assert.Equal(["LICENSE"], replayed.Build.Secrets);
        Assert.Equal(["TOKEN_KIND"], replayed.Build.NotSecrets);
        Assert.Equal(ledger.App.Releases.Select(release => release.IsSlugGivenUp), replayed.Releases.Select(release => release.IsSlugGivenUp));
    }

    [Fact]
    public void Settings_of_the_router_that_are_as_by_default_are_left_out_of_the_journal_and_read_as_such()
    {
        var (id, codec) = (AppId.New(), new AppEventCodec(_secrets));

        var written = codec.Encode(id, new AppEvent.RoutingChanged(RouteSettings.Default), new EventOrigin(Ledger.Someone, DateTimeOffset.UnixEpoch), Guid.NewGuid());

        Assert.Equal((EventTypes.RoutingChanged, 1, """{"endToEndContinue":false}"""), (written.Type, written.SchemaVersion, Encoding.UTF8.GetString(written.Data.Span)));
        Assert.Equal(new AppEvent.RoutingChanged(RouteSettings.Default), codec.Decode(id, new RecordedEvent(StreamName.Of(id), 1, 1, written)));
    }

    [Fact]
    public void A_slugs_manifest_survives_the_journal()
    {
        var manifest = new AppManifest
        {
            Cron = [new CronEntry("@daily", "rake a"), new CronEntry("0 1 * * *", "rake b", DynoSize.Eco)],
            HealthChecks = AppManifest.Empty.HealthChecks.Add(ProcessType.Web, new HealthCheck("/up", 4, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5), "ok")),
        };

        var read = Survive(Ledger.SlugOf("code", "web") with { Manifest = manifest });

        Assert.Equal(manifest.Cron.AsEnumerable(), read.Manifest!.Cron);
        Assert.Equal(manifest.HealthChecks, read.Manifest.HealthChecks);
        Assert.Null(Survive(Ledger.SlugOf("code", "web")).Manifest);
    }

    [Fact]
    public void A_slugs_app_directory_survives_the_journal()
    {
        Assert.Equal(SourcePath.Parse("apps/web"), Survive(Ledger.SlugOf("code", "web") with { AppDirectory = SourcePath.Parse("apps/web") }).AppDirectory);
        Assert.Null(Survive(Ledger.SlugOf("code", "web")).AppDirectory);
    }

    [Fact]
    public void An_event_from_before_there_were_manifests_is_read()
    {
        var id = AppId.New();
        var data = """{"id":"11111111-2222-3333-4444-555555555555","version":2,"cause":"deploy","description":"Deploy","slug":{"id":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":3,"processTypes":{"web":"run"},"buildpack":"Node.js","stack":"heroku-24"}}""";
        var old = new JournalEvent(EventTypes.ReleaseCreated, 1, Ledger.Someone, Guid.NewGuid(), DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes(data));

        var read = (AppEvent.ReleaseCreated)new AppEventCodec(_secrets).Decode(id, new RecordedEvent(StreamName.Of(id), 1, 1, old));

        Assert.Null(((ReleaseCause.Deploy)read.Cause).Slug.Manifest);
    }

    private Slug Survive(Slug slug)
    {
        var (id, codec) = (AppId.New(), new AppEventCodec(_secrets));
        var made = new AppEvent.ReleaseCreated(Guid.NewGuid(), new ReleaseVersion(2), new ReleaseCause.Deploy(slug, null), "Deploy");
        var written = codec.Encode(id, made, new EventOrigin(Ledger.Someone, DateTimeOffset.UnixEpoch), Guid.NewGuid());
        return ((ReleaseCause.Deploy)((AppEvent.ReleaseCreated)codec.Decode(id, new RecordedEvent(StreamName.Of(id), 1, 1, written))).Cause).Slug;
    }

    [Fact]
    public void A_config_value_stands_in_no_event_in_plain_text()
    {
        var id = AppId.New();
        var e = new AppEvent.ReleaseCreated(Guid.NewGuid(), new ReleaseVersion(2), new ReleaseCause.ConfigChange(ConfigPatch.Create("TOKEN", "planted-value-123")), "Set TOKEN config var");

        var written = new AppEventCodec(_secrets).Encode(id, e, new EventOrigin(Ledger.Someone, DateTimeOffset.UnixEpoch), Guid.NewGuid());

        var text = Encoding.UTF8.GetString(written.Data.Span);
        Assert.DoesNotContain("planted-value-123", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("planted-value-123"u8), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app.promoted", 1)]
    [InlineData(EventTypes.AppRenamed, 2)]
    public void An_event_of_the_future_is_refused_by_name(string type, int schemaVersion)
    {
        var id = AppId.New();
        var future = new JournalEvent(type, schemaVersion, Ledger.Someone, Guid.NewGuid(), DateTimeOffset.UnixEpoch, "{\"name\":\"x\"}"u8.ToArray());

        var exception = Assert.Throws<JournalFormatException>(() => new AppEventCodec(_secrets).Decode(id, new RecordedEvent(StreamName.Of(id), 7, 9, future)));

        Assert.Contains(type, exception.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void When_an_apps_key_is_forgotten_its_history_can_still_be_read_but_its_values_cannot()
    {
        var id = AppId.New();
        var codec = new AppEventCodec(_secrets);
        var written = codec.Encode(id, new AppEvent.ReleaseCreated(Guid.NewGuid(), new ReleaseVersion(2), new ReleaseCause.ConfigChange(ConfigPatch.Create("A", "1")), "Set A config var"), new EventOrigin(Ledger.Someone, DateTimeOffset.UnixEpoch), Guid.NewGuid());

        _secrets.Forget(id);

        var read = (AppEvent.ReleaseCreated)codec.Decode(id, new RecordedEvent(StreamName.Of(id), 1, 1, written));
        Assert.Empty(((ReleaseCause.ConfigChange)read.Cause).Patch);
    }

    private static string Text(Release release) =>
        $"{release.Id} {release.Version} {release.Status} {release.Description} {release.Failure} {release.Slug?.Id} {string.Join(',', release.Slug?.ProcessTypes.Select(p => $"{p.Key}={p.Value}") ?? [])} {string.Join(',', release.ConfigVars.Select(v => $"{v.Key}={v.Value}"))} {release.By} {release.CreatedAt:O} {release.UpdatedAt:O}";
}
