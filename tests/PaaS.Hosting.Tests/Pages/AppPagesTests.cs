using System.Text;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>From config vars to the route that routers read.</summary>
public sealed class AppPagesTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private CoreScene _scene = null!;
    private bool _isWebDown;

    private AppRoute Route => _scene.Routes.Find($"{Name}.localhost")!;

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync(fetchPage: async (url, _) =>
        {
            await Task.Yield();
            return _isWebDown ? throw new OutboundException(OutboundFailure.Unreachable, "The URL's host cannot be reached.") : new RoutePage("text/plain", Encoding.UTF8.GetBytes(url));
        });
        await _scene.Platform.CreateAppAsync(CoreScene.Operator, AppName.Parse(Name));
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Pages_reach_the_route_with_the_config_change_beside_the_settings_and_leave_with_it()
    {
        await _scene.Platform.ChangeRoutingAsync(CoreScene.Operator, Name, new RoutePatch { MaxInFlightPerDyno = new(7) });
        await SetAsync(("ERROR_PAGE_URL", "https://a.example/"), ("MAINTENANCE_PAGE_URL", "https://b.example/"));

        await Eventually.IsTrueAsync(() => Route.Settings is { ErrorPage: not null, MaintenancePage: not null });
        Assert.Equal(("https://a.example/", "https://b.example/", 7), (TextOf(Route.Settings.ErrorPage), TextOf(Route.Settings.MaintenancePage), Route.Settings.MaxInFlightPerDyno));
        Assert.Null(_scene.Platform.FindApp(CoreScene.Operator, Name).Value!.Routing.ErrorPage);

        await SetAsync(("ERROR_PAGE_URL", null));
        await Eventually.IsTrueAsync(() => Route.Settings.ErrorPage is null);
        Assert.NotNull(Route.Settings.MaintenancePage);
        await SetAsync(("MAINTENANCE_PAGE_URL", ""));
        await Eventually.IsTrueAsync(() => Route.Settings.MaintenancePage is null);
    }

    [Fact]
    public async Task A_restarted_host_has_the_pages_before_it_fetches_any()
    {
        await SetAsync(("ERROR_PAGE_URL", "https://a.example/"));
        await Eventually.IsTrueAsync(() => Route.Settings.ErrorPage is not null);
        _isWebDown = true;

        await _scene.RestartAsync();

        Assert.Equal("https://a.example/", TextOf(Route.Settings.ErrorPage));
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_destroyed_app()
    {
        await SetAsync(("ERROR_PAGE_URL", "https://a.example/"));
        await Eventually.IsTrueAsync(() => Route.Settings.ErrorPage is not null && Directory.GetDirectories(_scene.PagesDirectory).Length == 1);

        await _scene.Platform.DestroyAppAsync(CoreScene.Operator, Name);

        await Eventually.IsTrueAsync(() => Directory.GetDirectories(_scene.PagesDirectory).Length == 0);
    }

    private static string TextOf(RoutePage? page) => Encoding.UTF8.GetString(page!.Body.Span);

    private async Task SetAsync(params (string Name, string? Value)[] vars)
    {
        Assert.True(ConfigPatch.TryCreate(vars.ToDictionary(pair => pair.Name, pair => pair.Value), out var patch, out var problem), problem);
        Assert.Null((await _scene.Platform.ChangeConfigVarsAsync(CoreScene.Operator, Name, patch!)).Refusal);
    }
}
