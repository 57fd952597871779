using System.Globalization;

namespace PaaS.Core;

/// <summary>What comes of a wish about how routers treat an app. The bounds are narrower than a router's own: an app's owner must not hold a host's connections for days.</summary>
internal static class RouteRules
{
    public static Decision SetMaintenance(App app, bool isOn) =>
        app.Maintenance == isOn ? Decision.Nothing : Decision.Accept(new AppEvent.MaintenanceChanged(isOn));

    public static Decision Change(App app, RoutePatch patch)
    {
        if (Problem(patch) is { } problem)
        {
            return Decision.Refuse(RefusalCode.Invalid, problem);
        }

        var before = app.Routing;
        var after = before with
        {
            ConnectTimeout = patch.ConnectTimeout is { } connect ? connect.Value : before.ConnectTimeout,
            FirstByteTimeout = patch.FirstByteTimeout is { } first ? first.Value : before.FirstByteTimeout,
            IdleTimeout = patch.IdleTimeout is { } idle ? idle.Value : before.IdleTimeout,
            BootWait = patch.BootWait is { } boot ? boot.Value : before.BootWait,
            MaxInFlightPerDyno = patch.MaxInFlightPerDyno is { } most ? most.Value : before.MaxInFlightPerDyno,
            KeepsConnections = patch.KeepsConnections is { } keeps ? keeps.Value : before.KeepsConnections,
            EndToEndContinue = patch.EndToEndContinue ?? before.EndToEndContinue,
            Hold = patch.Hold is { } hold ? hold.Value : before.Hold,
        };
        return after == before ? Decision.Nothing : Decision.Accept(new AppEvent.RoutingChanged(after));
    }

    private static string? Problem(RoutePatch patch) =>
        Time("connect_timeout", patch.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(75))
        ?? Time("first_byte_timeout", patch.FirstByteTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))
        ?? Time("idle_timeout", patch.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))
        ?? Time("boot_wait", patch.BootWait, TimeSpan.Zero, TimeSpan.FromMinutes(10))
        ?? Time("hold", patch.Hold, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10))
        ?? (patch.MaxInFlightPerDyno is { Value: < 1 or > 10_000 } most
            ? string.Create(CultureInfo.InvariantCulture, $"max_in_flight_per_dyno is {most.Value}; use 1 to 10000, or null for the router's own.")
            : null);

    private static string? Time(string name, NewSetting<TimeSpan>? wish, TimeSpan least, TimeSpan most) =>
        wish is { Value: { } value } && (value < least || value > most)
            ? string.Create(CultureInfo.InvariantCulture, $"{name} is {value.TotalSeconds:0.###} seconds; use {least.TotalSeconds:0.###} to {most.TotalSeconds:0.###}, or null for the router's own.")
            : null;
}
