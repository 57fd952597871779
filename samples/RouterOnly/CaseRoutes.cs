using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using PaaS.Core;
using PaaS.Routing;

namespace PaaS.Samples;

/// <summary>The app lookup for a run of cases: the host name <c>p40001-40002.test</c> is an app whose dynos listen on these ports of loopback.</summary>
internal sealed class CaseRoutes(LogStream logs) : IRouteTable
{
    private const int MaxApps = 10_000;
    private readonly ConcurrentDictionary<string, AppRoute> _routes = new(StringComparer.Ordinal);

    /// <summary>The limits of such a run: Heroku's, scaled so that it is short, and a connection for each request.</summary>
    public static RouterOptions Limits { get; } = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(1),
        FirstByteTimeout = TimeSpan.FromSeconds(3),
        IdleTimeout = TimeSpan.FromSeconds(4),
        ClientIdleTimeout = TimeSpan.FromSeconds(5),
        HeadTimeout = TimeSpan.FromSeconds(5),
        Quarantine = TimeSpan.FromSeconds(1.5),
        BootWait = TimeSpan.FromSeconds(2.5),
        KeepsConnections = false,
    };

    public AppRoute? Find(string host)
    {
        if (_routes.TryGetValue(host, out var known))
        {
            return known;
        }

        if (Ports(host) is not { Length: > 0 } ports || _routes.Count >= MaxApps)
        {
            return null;
        }

        var endpoints = ports.Select(static (port, index) => OneApp.Dyno(new IPEndPoint(IPAddress.Loopback, port), index));
        return _routes.GetOrAdd(host, new AppRoute(AppId.New(), AppName.Parse("example"), [host], WebState.Up, [.. endpoints], logs));
    }

    /// <summary>The routes never change: only giving up ends the wait.</summary>
    public async ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken) => await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);

    private static ImmutableArray<int> Ports(string host)
    {
        if (!host.StartsWith('p') || !host.EndsWith(".test", StringComparison.Ordinal))
        {
            return [];
        }

        var ports = host[1..^5].Split('-').Select(static text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0).ToImmutableArray();
        return ports.Contains(0) ? [] : ports;
    }
}
