using System.Collections.Frozen;
using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>The route table in memory: writers swap an immutable snapshot, readers never lock.</summary>
public sealed class RouteTable : IRouteTable
{
    private readonly Lock _writing = new();
    private ImmutableDictionary<AppId, AppRoute> _apps = ImmutableDictionary<AppId, AppRoute>.Empty;
    private Snapshot _byHost = new(FrozenDictionary<string, AppRoute>.Empty);

    /// <summary>For each app that is waited for: completes at its next change, and wakes nobody who waits for another. Used under its own lock: writers take long.</summary>
    private readonly Dictionary<AppId, TaskCompletionSource> _changes = [];

    /// <inheritdoc/>
    public AppRoute? Find(string host) => Find(host.AsSpan());

    /// <inheritdoc/>
    public AppRoute? Find(ReadOnlySpan<char> host) => Volatile.Read(ref _byHost).Find(host);

    /// <inheritdoc/>
    public async ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(route);
        while (NextChange(route) is { } change)
        {
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
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
        Change(route.App, apps => apps.SetItem(route.App, route));
    }

    /// <summary>Removes an app; its host names are unknown afterwards.</summary>
    /// <param name="app">The app.</param>
    public void Remove(AppId app) => Change(app, apps => apps.Remove(app));

    /// <summary>The next change of an app; null if this snapshot is not the app's any more.</summary>
    private Task? NextChange(AppRoute route)
    {
        lock (_changes)
        {
            if (!ReferenceEquals(Volatile.Read(ref _apps).GetValueOrDefault(route.App), route))
            {
                return null;
            }

            if (!_changes.TryGetValue(route.App, out var change))
            {
                _changes[route.App] = change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return change.Task;
        }
    }

    private void Change(AppId app, Func<ImmutableDictionary<AppId, AppRoute>, ImmutableDictionary<AppId, AppRoute>> change)
    {
        TaskCompletionSource? signal;
        lock (_writing)
        {
            var apps = change(_apps);
            var hosts = new Dictionary<string, AppRoute>(StringComparer.Ordinal);
            foreach (var route in apps.Values)
            {
                foreach (var host in route.Hosts)
                {
                    if (!hosts.TryAdd(host, route) && _byHost.Names.TryGetValue(host, out var holder) && holder.App == route.App)
                    {
                        // The apps come in no order: who had the name before keeps it.
                        hosts[host] = route;
                    }
                }
            }

            Volatile.Write(ref _byHost, new Snapshot(hosts.ToFrozenDictionary(StringComparer.Ordinal)));
            Volatile.Write(ref _apps, apps);
            lock (_changes)
            {
                _changes.Remove(app, out signal);
            }
        }

        signal?.TrySetResult();
    }

    /// <summary>All host names at one moment.</summary>
    private sealed class Snapshot
    {
        private readonly FrozenDictionary<string, AppRoute>.AlternateLookup<ReadOnlySpan<char>> _names;
        private readonly bool _hasWildcards;

        public Snapshot(FrozenDictionary<string, AppRoute> names)
        {
            Names = names;
            _names = names.GetAlternateLookup<ReadOnlySpan<char>>();
            _hasWildcards = names.Keys.Any(static name => name.StartsWith("*.", StringComparison.Ordinal));
        }

        public FrozenDictionary<string, AppRoute> Names { get; }

        public AppRoute? Find(ReadOnlySpan<char> host) =>
            _names.TryGetValue(host, out var route) ? route : _hasWildcards ? FindWildcard(host) : null;

        /// <summary>The closest wildcard wins: for a.b.example.com that is *.b.example.com before *.example.com.</summary>
        private AppRoute? FindWildcard(ReadOnlySpan<char> host)
        {
            if (host.Length > 255)
            {
                return null;
            }

            Span<char> name = stackalloc char[host.Length + 1];
            for (var dot = host.IndexOf('.'); dot >= 0;)
            {
                host = host[dot..];
                name[0] = '*';
                host.CopyTo(name[1..]);
                if (_names.TryGetValue(name[..(host.Length + 1)], out var route))
                {
                    return route;
                }

                dot = host[1..].IndexOf('.') is var next and >= 0 ? next + 1 : -1;
            }

            return null;
        }
    }
}
