using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>Where and how the apps answer.</summary>
public sealed class RouterListenerOptions() : ListenerOptions(8080)
{
    /// <summary>The router's limits; an app can have others (<see cref="RouteSettings"/>). Heroku's by default.</summary>
    public RouterOptions Limits { get; set; } = new();
}
