using System.Globalization;
using PaaS.Routing;

namespace PaaS.Hosting;

public sealed partial class Platform
{
    /// <summary>Puts an app into maintenance or takes it out. Its dynos go on; routers answer the next request with its maintenance page (H80).</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="isOn">Whether it shall be in maintenance.</param>
    /// <returns>The app after the change.</returns>
    public Task<Outcome<App>> SetMaintenanceAsync(Actor actor, string app, bool isOn) => ManageRoutingAsync(actor, app, new AppCommand.SetMaintenance(isOn));

    /// <summary>Changes how routers treat an app. No release is made; the next request follows it, those in flight are left alone.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The app after the change; its settings are <see cref="App.Routing"/>.</returns>
    public Task<Outcome<App>> ChangeRoutingAsync(Actor actor, string app, RoutePatch patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return ManageRoutingAsync(actor, app, new AppCommand.ChangeRouting(patch));
    }

    /// <summary>What the router knew and did for one of its last requests.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id. Requests of other apps are not found.</param>
    /// <param name="requestId">The request's id, as in its log line and in X-Request-Id.</param>
    public Outcome<RequestTrace> ExplainRequest(Actor actor, string app, string requestId)
    {
        if (!Enter(actor, AccessAction.ReadLogs, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var parts = Running;
        return parts.Requests?.Find(requestId, hosted.Id) is { } trace ? trace : new Refusal(RefusalCode.NotFound, string.Create(
            CultureInfo.InvariantCulture,
            $"Couldn't find that request of {hosted.App.Name}. Only the last {parts.TraceCapacity:N0} of all apps are kept, until the host ends, and each from its end on. Take the id from request_id= of a line in the app's log."));
    }

    private async Task<Outcome<App>> ManageRoutingAsync(Actor actor, string app, AppCommand command)
    {
        if (!Enter(actor, AccessAction.ManageRouting, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        return AppOf(await hosted.Writer.ExecuteAsync(actor, command, Guid.NewGuid()));
    }
}
