namespace PaaS.Hosting.Tests;

/// <summary>Names are unique whatever fails, and whoever asks at once.</summary>
public sealed class AppDirectoryTests : IAsyncLifetime
{
    private static readonly AppName Dragon = AppName.Parse("floating-dragon-42");
    private static readonly AppName Fjord = AppName.Parse("limitless-fjord-5604");
    private CoreScene _scene = null!;

    private Platform Platform => _scene.Platform;

    public async Task InitializeAsync() => _scene = await CoreScene.StartAsync();

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task A_live_app_whose_key_is_lost_keeps_the_host_from_starting_instead_of_losing_its_config()
    {
        var scene = await CoreScene.StartAsync();
        var app = (await scene.Platform.CreateAppAsync(CoreScene.Operator)).Value!;
        await scene.Platform.ChangeConfigVarsAsync(CoreScene.Operator, app.Name.ToString(), ConfigPatch.Create("A", "1"));
        scene.Secrets.Forget(app.Id);

        var refusal = await Assert.ThrowsAsync<JournalFormatException>(scene.RestartAsync);

        Assert.Contains(app.Name.ToString(), refusal.Message, StringComparison.Ordinal);
        await scene.DisposeAsync();
    }

    [Fact]
    public async Task An_app_whose_creation_could_not_be_recorded_leaves_its_name_free()
    {
        _scene.Journal.FailOnce("app.created");

        await Assert.ThrowsAsync<IOException>(() => Platform.CreateAppAsync(Platform.Operator, Dragon));
        Assert.Empty(Platform.ListApps(Platform.Operator));
        Assert.Null(_scene.Routes.Find("floating-dragon-42.localhost"));
        var made = await Platform.CreateAppAsync(Platform.Operator, Dragon);

        Assert.Equal(made.Value!.Id, _scene.Routes.Find("floating-dragon-42.localhost")!.App);
    }

    [Fact]
    public async Task A_rename_that_could_not_be_recorded_keeps_the_old_name_and_leaves_the_new_one_free()
    {
        await Platform.CreateAppAsync(Platform.Operator, Dragon);
        _scene.Journal.FailOnce("app.renamed");

        await Assert.ThrowsAsync<IOException>(() => Platform.RenameAppAsync(Platform.Operator, "floating-dragon-42", Fjord));

        Assert.Equal(Dragon, Platform.FindApp(Platform.Operator, "floating-dragon-42").Value!.Name);
        Assert.NotNull((await Platform.CreateAppAsync(Platform.Operator, Dragon)).Refusal);
        Assert.Null((await Platform.CreateAppAsync(Platform.Operator, Fjord)).Refusal);
    }

    [Fact]
    public async Task Renames_at_once_leave_the_app_one_name_and_all_others_free()
    {
        var app = (await Platform.CreateAppAsync(Platform.Operator, Dragon)).Value!;
        AppName[] names = [Dragon, .. Enumerable.Range(0, 20).Select(i => AppName.Parse($"fjord-{i}"))];

        await Task.WhenAll(names[1..].Select(name => Task.Run(() => Platform.RenameAppAsync(Platform.Operator, app.Id.ToString(), name))));

        var kept = Platform.FindApp(Platform.Operator, app.Id.ToString()).Value!.Name;
        foreach (var name in names)
        {
            Assert.Equal(name == kept, (await Platform.CreateAppAsync(Platform.Operator, name)).Refusal is not null);
        }

        Assert.Equal(names.Length, Platform.ListApps(Platform.Operator).Select(found => found.Name).Distinct().Count());
    }

    [Fact]
    public async Task Whoever_destroys_renames_and_creates_at_once_never_finds_two_apps_under_one_name()
    {
        AppName[] names = [.. Enumerable.Range(0, 4).Select(i => AppName.Parse($"fjord-{i}"))];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 40; i++)
            {
                var (one, other) = (names[random.Next(names.Length)], names[random.Next(names.Length)]);
                await (random.Next(3) switch
                {
                    0 => Platform.CreateAppAsync(Platform.Operator, one),
                    1 => Platform.RenameAppAsync(Platform.Operator, one.ToString(), other),
                    _ => Platform.DestroyAppAsync(Platform.Operator, one.ToString()),
                });
            }
        })));

        var apps = Platform.ListApps(Platform.Operator);
        Assert.Equal(apps.Count, apps.Select(app => app.Name).Distinct().Count());
        Assert.All(apps, app => Assert.Equal(app.Id, Platform.FindApp(Platform.Operator, app.Name.ToString()).Value!.Id));
        foreach (var name in names.Except(apps.Select(app => app.Name)))
        {
            Assert.Null((await Platform.CreateAppAsync(Platform.Operator, name)).Refusal);
        }
    }

    [Fact]
    public async Task A_name_reserved_for_an_app_that_never_came_to_be_is_free_after_a_restart()
    {
        var version = (await _scene.Journal.ReadAllAsync(StreamName.Catalog)).Count;
        await _scene.Journal.AppendAsync(StreamName.Catalog, version, [Catalog.Reserve(Dragon, AppId.New(), 300_007, Origin, Guid.NewGuid())]);

        await _scene.RestartAsync();

        var made = (await Platform.CreateAppAsync(Platform.Operator, Dragon)).Value!;
        Assert.True(made.UserId > 300_007, $"The user id {made.UserId} was given out before.");
    }

    [Fact]
    public async Task A_rename_that_a_crash_cut_in_two_is_undone_or_finished_by_the_next_start()
    {
        var half = (await Platform.CreateAppAsync(Platform.Operator, Dragon)).Value!;
        var version = (await _scene.Journal.ReadAllAsync(StreamName.Catalog)).Count;
        await _scene.Journal.AppendAsync(StreamName.Catalog, version, [Catalog.Reserve(Fjord, half.Id, half.UserId, Origin, Guid.NewGuid())]);

        await _scene.RestartAsync();
        Assert.Equal(half.Id, Platform.FindApp(Platform.Operator, "floating-dragon-42").Value!.Id);
        Assert.NotNull(Platform.FindApp(Platform.Operator, "limitless-fjord-5604").Refusal);
        var other = (await Platform.CreateAppAsync(Platform.Operator, Fjord)).Value!;

        // And with the new name in the app's stream: the old one is what is left over.
        var third = AppName.Parse("secure-cliffs-18654");
        version = (await _scene.Journal.ReadAllAsync(StreamName.Catalog)).Count;
        await _scene.Journal.AppendAsync(StreamName.Catalog, version, [Catalog.Reserve(third, other.Id, other.UserId, Origin, Guid.NewGuid())]);
        var codec = new AppEventCodec(_scene.Secrets);
        await _scene.Journal.AppendAsync(StreamName.Of(other.Id), 3, [codec.Encode(other.Id, new AppEvent.Renamed(third), Origin, Guid.NewGuid())]);

        await _scene.RestartAsync();
        Assert.Equal(other.Id, Platform.FindApp(Platform.Operator, "secure-cliffs-18654").Value!.Id);
        Assert.Null((await Platform.CreateAppAsync(Platform.Operator, Fjord)).Refusal);
    }

    [Fact]
    public async Task A_destroyed_app_takes_its_key_along_at_the_latest_at_the_next_start()
    {
        var app = (await Platform.CreateAppAsync(Platform.Operator, Dragon)).Value!;
        var secret = _scene.Secrets.Seal(app.Id, "hush"u8);

        await Platform.DestroyAppAsync(Platform.Operator, "floating-dragon-42");
        await Eventually.IsTrueAsync(() => _scene.Secrets.Open(app.Id, secret) is null);

        secret = _scene.Secrets.Seal(app.Id, "hush"u8);
        await _scene.RestartAsync();
        Assert.Null(_scene.Secrets.Open(app.Id, secret));
        Assert.Empty(Platform.ListApps(Platform.Operator));
    }

    [Fact]
    public async Task A_verdict_that_could_not_be_recorded_is_recorded_as_soon_as_it_can_be()
    {
        await Platform.CreateAppAsync(Platform.Operator, Dragon);
        _scene.Journal.FailOnce("release.succeeded");

        await Platform.ChangeConfigVarsAsync(Platform.Operator, "floating-dragon-42", ConfigPatch.Create("A", "1"));
        await Eventually.IsTrueAsync(() => _scene.Time.WaitingTimers > 0);
        Assert.NotNull(Platform.FindApp(Platform.Operator, "floating-dragon-42").Value!.Pending);
        _scene.Time.Advance(TimeSpan.FromSeconds(1));

        var settled = await Platform.WaitForReleaseAsync(Platform.Operator, "floating-dragon-42", new ReleaseVersion(2)).WaitAsync(Eventually.Deadline);
        Assert.Equal(ReleaseStatus.Succeeded, settled.Value!.Status);
    }

    private EventOrigin Origin => new(Platform.Operator, _scene.Time.GetUtcNow());
}
