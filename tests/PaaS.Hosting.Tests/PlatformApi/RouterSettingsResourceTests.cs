using System.Net;

namespace PaaS.Hosting.Tests;

public sealed class RouterSettingsResourceTests : ApiScene
{
    private const string Name = "floating-dragon-42";
    private const string Settings = $"/apps/{Name}/router-settings";

    private AppRoute Route => Host.Routes.Find($"{Name}.localhost")!;

    [Fact]
    public async Task Settings_are_empty_at_first_and_the_routers_own_stand_beside_them()
    {
        await Host.DeployAsync(Name);

        var settings = (await Api.GetAsync(Settings)).Is(HttpStatusCode.OK);

        Assert.Equal((Name, "", "", "False", ""), (settings["app.name"], settings["settings.first_byte_timeout"], settings["settings.keep_connections"], settings["settings.end_to_end_continue"], settings["settings.hold"]));
        Assert.Equal(
            ("5", "30", "55", "75", "200", "True", "False", ""),
            (settings["defaults.connect_timeout"], settings["defaults.first_byte_timeout"], settings["defaults.idle_timeout"], settings["defaults.boot_wait"], settings["defaults.max_in_flight_per_dyno"], settings["defaults.keep_connections"], settings["defaults.end_to_end_continue"], settings["defaults.hold"]));
    }

    [Fact]
    public async Task Settings_reach_the_route_keep_what_is_not_named_and_are_given_back_by_null()
    {
        await Host.DeployAsync(Name);
        var endpoints = Route.Endpoints;

        (await Api.PatchAsync(Settings, """{"first_byte_timeout": 90, "connect_timeout": 0.5, "idle_timeout": 120, "boot_wait": 0, "max_in_flight_per_dyno": 3}""")).Is(HttpStatusCode.OK);
        var set = (await Api.PatchAsync(Settings, """{"keep_connections": false, "end_to_end_continue": true, "hold": 20}""")).Is(HttpStatusCode.OK);

        Assert.Equal(
            ("0.5", "90", "120", "0", "3", "False", "True", "20"),
            (set["settings.connect_timeout"], set["settings.first_byte_timeout"], set["settings.idle_timeout"], set["settings.boot_wait"], set["settings.max_in_flight_per_dyno"], set["settings.keep_connections"], set["settings.end_to_end_continue"], set["settings.hold"]));
        await Eventually.IsTrueAsync(() => Route.Settings.Hold is not null);
        Assert.Equal(AppOf(Name).Routing, Route.Settings);
        Assert.Equal((90, 3, false), (Route.Settings.FirstByteTimeout?.TotalSeconds, Route.Settings.MaxInFlightPerDyno, Route.Settings.KeepsConnections));
        Assert.Equal(endpoints.AsEnumerable(), Route.Endpoints);
        Assert.Equal(2, AppOf(Name).Releases.Count);
        Assert.Equal(2, LogOf(Name).Count(line => line == "Router settings changed by user operator@localhost"));

        var cleared = (await Api.PatchAsync(Settings, """{"first_byte_timeout": null, "connect_timeout": null, "idle_timeout": null, "boot_wait": null, "max_in_flight_per_dyno": null, "keep_connections": null, "end_to_end_continue": null, "hold": null}""")).Is(HttpStatusCode.OK);
        Assert.Equal(("", "False"), (cleared["settings.first_byte_timeout"], cleared["settings.end_to_end_continue"]));
        Assert.Equal(RouteSettings.Default, AppOf(Name).Routing);
    }

    [Fact]
    public async Task Settings_outlive_the_host_and_hold_from_its_first_request_on()
    {
        await Host.DeployAsync(Name);
        await Api.PatchAsync(Settings, """{"first_byte_timeout": 90}""");

        await Host.RestartAsync();

        Assert.Equal(TimeSpan.FromSeconds(90), Route.Settings.FirstByteTimeout);
    }

    [Theory]
    [InlineData("{}", "Send at least one of connect_timeout, ")]
    [InlineData("""{"first_byte_timout": 90}""", "There is no setting 'first_byte_timout'. The settings are connect_timeout, ")]
    [InlineData("""{"first_byte_timeout": 90, "more": 1}""", "There is no setting 'more'.")]
    [InlineData("""{"first_byte_timeout": "90"}""", "first_byte_timeout has to be a number of seconds with at most three decimals, such as 30 or 0.5; null for the router's own.")]
    [InlineData("""{"first_byte_timeout": 1.0001}""", "first_byte_timeout has to be a number of seconds")]
    [InlineData("""{"first_byte_timeout": 1e400}""", "first_byte_timeout has to be a number of seconds")]
    [InlineData("""{"first_byte_timeout": 0}""", "first_byte_timeout is 0 seconds; use 1 to 3600, or null for the router's own.")]
    [InlineData("""{"hold": 601}""", "hold is 601 seconds; use 1 to 600, or null for the router's own.")]
    [InlineData("""{"max_in_flight_per_dyno": 1.5}""", "max_in_flight_per_dyno has to be a whole number; null for the router's own.")]
    [InlineData("""{"max_in_flight_per_dyno": 20000}""", "max_in_flight_per_dyno is 20000; use 1 to 10000, or null for the router's own.")]
    [InlineData("""{"keep_connections": 1}""", "keep_connections has to be true or false; null for the router's own.")]
    [InlineData("""{"end_to_end_continue": "no"}""", "end_to_end_continue has to be true or false.")]
    public async Task What_cannot_be_set_is_refused_with_what_can_be_and_changes_nothing(string body, string message)
    {
        await Host.DeployAsync(Name);

        var refused = await Api.PatchAsync(Settings, body);

        Assert.StartsWith(message, refused.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        Assert.Equal(RouteSettings.Default, AppOf(Name).Routing);
    }

    [Fact]
    public async Task An_app_that_is_not_there_has_none()
    {
        (await Api.GetAsync(Settings)).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PatchAsync(Settings, """{"hold": 1}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }
}
