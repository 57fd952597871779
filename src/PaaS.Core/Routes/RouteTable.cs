using System.Collections.Frozen;
using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>The route table in memory: writers swap an immutable snapshot, readers never lock.</summary>
public sealed class RouteTable : IRouteTable
{
    private readonly Lock _writing = new();
    private ImmutableDictionary<AppId, AppRoute> _apps = ImmutableDictionary<AppId, AppRoute>.Empty;
    private FrozenDictionary<string, AppRoute> _byHost = FrozenDictionary<string, AppRoute>.Empty;
    private TaskCompletionSource _changed = NewSignal();

    /// <inheritdoc/>
    public AppRoute? Find(string host) => Volatile.Read(ref _byHost).GetValueOrDefault(host);

    /// <inheritdoc/>
    public async ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(route);
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            if (!ReferenceEquals(Volatile.Read(ref _apps).GetValueOrDefault(route.App), route))
            {
                return;
            }

            await changed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The snapshot of an app.</summary>
    /// <param name="app">The app.</param>
    public AppRoute? Find(AppId app) => Volatile.Read(ref _apps).GetValueOrDefault(app);

    /// <summary>Adds an app or replaces its snapshot. Requests that begin after the call see it.</summary>
    /// <param name="route">The snapshot. A host name that another app holds stays with that app.</param>
    public void Set(AppRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        Change(apps => apps.SetItem(route.App, route));
    }

    /// <summary>Removes an app; its host names are unknown afterwards.</summary>
    /// <param name="app">The app.</param>
    public void Remove(AppId app) => Change(apps => apps.Remove(app));

    private void Change(Func<ImmutableDictionary<AppId, AppRoute>, ImmutableDictionary<AppId, AppRoute>> change)
    {
        TaskCompletionSource signal;
        lock (_writing)
        {
            var apps = change(_apps);
            var hosts = new Dictionary<string, AppRoute>(StringComparer.Ordinal);
            foreach (var route in apps.Values)
            {
                foreach (var host in route.Hosts)
                {
                    hosts.TryAdd(host, route);
                }
            }

            Volatile.Write(ref _byHost, hosts.ToFrozenDictionary(StringComparer.Ordinal));
            Volatile.Write(ref _apps, apps);
            signal = _changed;
            Volatile.Write(ref _changed, NewSignal());
        }

        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
