using System.Collections.Immutable;

namespace PaaS.Hosting;

/// <summary>The lines <c>app[api]</c>: who did what to an app, in Heroku's words.</summary>
internal static class ApiLog
{
    public static void Write(LogStream logs, App app, ImmutableArray<AppEvent> events, EventOrigin origin)
    {
        foreach (var line in events.SelectMany(e => Lines(app, e, origin.By.Email)))
        {
            logs.Write(LogSource.App, "api", line);
        }
    }

    private static IEnumerable<string> Lines(App app, AppEvent e, string user) => e switch
    {
        AppEvent.ReleaseCreated made => [$"{made.Description} by user {user}", $"Release {made.Version} created by user {user}"],
        AppEvent.ReleaseFailed failed => [$"Release {failed.Version} failed: {failed.Reason}"],
        AppEvent.FormationChanged => [$"Scaled to {string.Join(' ', app.Formation.Select(entry => $"{entry.Type}@{entry.Quantity}:{entry.Size}"))} by user {user}"],
        AppEvent.BuildChanged { Settings.IsDetected: false } => [$"Build settings changed by user {user}"],
        AppEvent.MaintenanceChanged changed => [$"Maintenance mode {(changed.IsOn ? "enabled" : "disabled")} by user {user}"],
        AppEvent.RoutingChanged => [$"Router settings changed by user {user}"],
        AppEvent.Renamed renamed => [$"Renamed to {renamed.Name} by user {user}"],
        _ => [],
    };
}
