using System.Collections.Immutable;
using System.Net;
using PaaS.Core;

namespace PaaS.Samples;

/// <summary>The app lookup of this program: whatever the host name, it is the one app, which has these dynos.</summary>
internal sealed class OneApp(IEnumerable<IPEndPoint> backends, LogStream logs) : IRouteTable
{
    private readonly AppRoute _route = new(AppId.New(), AppName.Parse("example"), [], WebState.Up, [.. backends.Select(Dyno)], logs);

    public AppRoute? Find(string host) => _route;

    public AppRoute? Find(ReadOnlySpan<char> host) => _route;

    /// <summary>The route never changes: only giving up ends the wait.</summary>
    public async ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken) => await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);

    public static DynoEndpoint Dyno(IPEndPoint address, int index) => new(DynoName.Parse($"web.{index + 1}"), address);
}
