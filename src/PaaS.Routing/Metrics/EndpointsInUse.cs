using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace PaaS.Routing;

/// <summary>
/// The dynos of the apps that this router has served, so that their requests in flight can be observed. It is filled only while somebody listens, and
/// a dyno goes when it is retired and its last request has ended. Safe for threads.
/// </summary>
internal sealed class EndpointsInUse
{
    /// <summary>What of an app was noted last: a request of the same snapshot has nothing new.</summary>
    private readonly ConcurrentDictionary<AppId, ImmutableArray<DynoEndpoint>> _noted = new();
    private readonly ConcurrentDictionary<DynoEndpoint, string> _apps = new();

    public void Note(AppRoute route)
    {
        // An app without dynos has nothing to observe; looking through those of all apps for each of its requests would be dear.
        if (route.Endpoints.IsEmpty || (_noted.TryGetValue(route.App, out var noted) && noted == route.Endpoints))
        {
            return;
        }

        _noted[route.App] = route.Endpoints;
        foreach (var endpoint in route.Endpoints)
        {
            _apps[endpoint] = route.Name.ToString();
        }

        Forget();
    }

    public IEnumerable<Measurement<int>> Observe()
    {
        Forget();

        // A dyno that drains and the one that takes its place have the same name.
        return _apps
            .GroupBy(static pair => (App: pair.Value, Dyno: pair.Key.Label), static pair => pair.Key.InFlight)
            .Select(static dyno => new Measurement<int>(dyno.Sum(), new("paas.app", dyno.Key.App), new("paas.dyno", dyno.Key.Dyno)));
    }

    private void Forget()
    {
        foreach (var (endpoint, _) in _apps)
        {
            if (IsGone(endpoint))
            {
                _apps.TryRemove(endpoint, out _);
            }
        }

        foreach (var (app, endpoints) in _noted)
        {
            if (endpoints.All(IsGone))
            {
                _noted.TryRemove(app, out _);
            }
        }
    }

    private static bool IsGone(DynoEndpoint endpoint) => endpoint.Drained.IsCompleted;
}
