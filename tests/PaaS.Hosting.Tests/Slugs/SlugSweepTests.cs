using System.Net;

namespace PaaS.Hosting.Tests;

/// <summary>The disk fills up under a platform in memory.</summary>
public sealed class SlugSweepTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private const long Gigabyte = 1L << 30;
    private static readonly DiskSpace s_relaxed = new(100 * Gigabyte, 50 * Gigabyte);
    private static readonly DiskSpace s_short = new(100 * Gigabyte, 5 * Gigabyte);
    private static readonly DiskSpace s_full = new(100 * Gigabyte, Gigabyte);
    private readonly GatedBuildpack _buildpack = new();
    private readonly List<SlugId> _slugs = [];
    private CoreScene _scene = null!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync(builds: true, buildpacks: _buildpack.Registry);
        _scene.Options.Retention = new SlugRetentionOptions { KeptReleases = 2 };
        await _scene.Platform.CreateAppAsync(CoreScene.Operator, AppName.Parse(Name));
        for (var i = 0; i < 4; i++)
        {
            await ReleaseAsync();
        }
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task As_long_as_there_is_room_nothing_is_removed()
    {
        Assert.Null(await MakeRoomAsync());

        Assert.Equal(_slugs.Order(ByText), await StoredAsync());
    }

    [Fact]
    public async Task When_the_disk_runs_short_old_slugs_go_until_there_is_room_and_a_rollback_to_them_is_refused()
    {
        _scene.Disk = s_short;

        Assert.Null(await MakeRoomAsync());

        Assert.Equal(_slugs.TakeLast(2).Order(ByText), await StoredAsync());
        var refusal = (await _scene.Platform.RollbackAsync(CoreScene.Operator, Name, new ReleaseVersion(2))).Refusal;
        Assert.Contains("removed to free disk space", refusal?.Message, StringComparison.Ordinal);
        var release = (await _scene.Platform.RollbackAsync(CoreScene.Operator, Name, new ReleaseVersion(4))).Value!;
        Assert.Equal(ReleaseStatus.Succeeded, (await _scene.Platform.WaitForReleaseAsync(CoreScene.Operator, Name, release.Version)).Value!.Status);
        var api = await _scene.OpenApiAsync();
        Assert.Equal(["False", "False", "False", "True", "True", "True"], (await api.GetAsync($"/apps/{Name}/releases")).All("eligible_for_rollback"));
    }

    [Fact]
    public async Task Sweeping_ends_as_soon_as_there_is_room()
    {
        var measured = 0;
        await _scene.RestartAsync(() => ++measured > 2 ? s_relaxed : s_short);

        Assert.Null(await MakeRoomAsync());

        Assert.Equal(_slugs.Skip(1).Order(ByText), await StoredAsync());
    }

    [Fact]
    public async Task What_was_given_up_stays_so_after_a_restart()
    {
        _scene.Disk = s_short;
        await MakeRoomAsync();

        await _scene.RestartAsync();

        Assert.Equal([true, true, false, false], App.Releases.Skip(1).Select(release => release.IsSlugGivenUp));
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_built_and_the_app_goes_on()
    {
        _scene.Disk = s_full;
        using var api = await _scene.OpenApiAsync();
        var id = (await _scene.Platform.StartBuildAsync(CoreScene.Operator, Name, _ => throw new InvalidOperationException("Not even opened."), "one")).Value!.Id;

        await Eventually.IsTrueAsync(() => _scene.Platform.FindBuild(CoreScene.Operator, Name, id).Value!.HasEnded);

        var build = (await api.GetAsync($"/apps/{Name}/builds/{id}")).Is(HttpStatusCode.OK);
        Assert.Equal("failed", build["status"]);
        Assert.Contains("disk is nearly full (1024 MB free)", build["failure_message"], StringComparison.Ordinal);
        Assert.Equal(5, App.Current!.Version.Number);
    }

    [Fact]
    public async Task A_slug_that_another_app_runs_stays()
    {
        await _scene.Platform.CreateAppAsync(CoreScene.Operator, AppName.Parse("quiet-meadow-42"));
        var slug = App.Releases[1].Slug!;
        var release = (await _scene.Platform.ReleaseSlugAsync(CoreScene.Operator, "quiet-meadow-42", slug)).Value!;
        await _scene.Platform.WaitForReleaseAsync(CoreScene.Operator, "quiet-meadow-42", release.Version);
        _scene.Disk = s_short;

        await MakeRoomAsync();

        Assert.Equal(new[] { _slugs[0], _slugs[2], _slugs[3] }.Order(ByText), await StoredAsync());
        Assert.True(App.Releases[1].IsEligibleForRollback);
    }

    [Fact]
    public async Task A_slug_that_is_just_being_put_again_is_not_removed_under_its_release()
    {
        var (slug, content) = (App.Releases[1].Slug!, new MemoryStream());
        await using (var archive = await _scene.Store.OpenAsync(slug.Id))
        {
            await archive.CopyToAsync(content);
        }

        content.Position = 0;
        Assert.Equal(slug.Id, (await _scene.Store.PutAsync(content)).Id);
        _scene.Disk = s_short;

        await MakeRoomAsync();
        var release = (await _scene.Platform.ReleaseSlugAsync(CoreScene.Operator, Name, slug)).Value!;
        await _scene.Store.UnpinAsync(slug.Id);
        await MakeRoomAsync();

        Assert.Equal(slug.Id, release.Slug?.Id);
        Assert.Contains(slug.Id, await StoredAsync());
        Assert.True(App.Releases[1].IsEligibleForRollback || App.Releases[1].Status != ReleaseStatus.Succeeded);
    }

    [Fact]
    public async Task A_slug_that_is_not_there_is_not_released()
    {
        _scene.Disk = s_short;
        await MakeRoomAsync();

        var refusal = (await _scene.Platform.ReleaseSlugAsync(CoreScene.Operator, Name, App.Releases[1].Slug!)).Refusal;

        Assert.Contains("not in the store", refusal?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_slugs_of_a_destroyed_app_go_with_it()
    {
        await _scene.Platform.DestroyAppAsync(CoreScene.Operator, Name);

        await Eventually.IsTrueAsync(() => StoredAsync().GetAwaiter().GetResult().Count == 0);
    }

    private static readonly Comparer<SlugId> ByText = Comparer<SlugId>.Create(static (one, other) => string.CompareOrdinal(one.Hex, other.Hex));

    private App App => _scene.Platform.FindApp(CoreScene.Operator, Name).Value!;

    private Task<string?> MakeRoomAsync() => _scene.Core.Directory.Sweep.MakeRoomAsync(CancellationToken.None);

    private async Task ReleaseAsync()
    {
        var slug = await _scene.MakeSlugAsync("web");
        _slugs.Add(slug.Id);
        _scene.Time.Advance(TimeSpan.FromSeconds(1));
        var release = (await _scene.Platform.ReleaseSlugAsync(CoreScene.Operator, Name, slug)).Value!;
        await _scene.Platform.WaitForReleaseAsync(CoreScene.Operator, Name, release.Version);
    }

    private async Task<List<SlugId>> StoredAsync()
    {
        var stored = new List<SlugId>();
        await foreach (var slug in _scene.Slugs.ListAsync())
        {
            stored.Add(slug);
        }

        return [.. stored.Order(ByText)];
    }
}
