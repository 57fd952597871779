using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What the router needs to know of an app's web dynos when there is none to send a request to.</summary>
public enum WebState
{
    /// <summary>The app has no release that can run (H81).</summary>
    Blank,

    /// <summary>The web process type is scaled to zero, or the app has none (H14).</summary>
    None,

    /// <summary>Web dynos are starting and none is ready yet (H20 when the wait ends).</summary>
    Starting,

    /// <summary>The web dynos sleep: <see cref="AppRoute.Wake"/> starts them, and the request waits as for <see cref="Starting"/>.</summary>
    Idle,

    /// <summary>Every web dyno has crashed (H10).</summary>
    Crashed,

    /// <summary>At least one web dyno takes requests.</summary>
    Up,
}

/// <summary>One app as routers see it: an immutable snapshot, replaced whole.</summary>
/// <param name="App">The app.</param>
/// <param name="Name">Its name.</param>
/// <param name="Hosts">The host names that lead to it, lower-case, without port. <c>*.example.com</c> stands for every name below example.com that no app has itself.</param>
/// <param name="Web">The state of its web dynos.</param>
/// <param name="Endpoints">The dynos that take requests.</param>
/// <param name="Logs">Where its router lines go.</param>
public sealed record AppRoute(AppId App, AppName Name, ImmutableArray<string> Hosts, WebState Web, ImmutableArray<DynoEndpoint> Endpoints, LogStream Logs)
{
    /// <summary>Wakes the app's sleeping dynos; may be called any number of times, from any thread. <see langword="null"/> if they never sleep.</summary>
    public Action? Wake { get; init; }

    /// <summary>Whether the app is in maintenance: every request is answered with its maintenance page (H80) before a dyno is looked for.</summary>
    public bool Maintenance { get; init; }

    /// <summary>What is different for this app; what it leaves open is as the router has it.</summary>
    public RouteSettings Settings { get; init; } = RouteSettings.Default;
}

/// <summary>What routers read: which app a host name belongs to, now.</summary>
public interface IRouteTable
{
    /// <summary>Finds the app of a host name.</summary>
    /// <param name="host">A host name without port, lower-case, without trailing dot.</param>
    /// <returns>The app's snapshot, or <see langword="null"/> if no app has this name.</returns>
    AppRoute? Find(string host);

    /// <summary>The same, for a name that is not a string yet: what routers call for each request.</summary>
    /// <param name="host">A host name without port, lower-case, without trailing dot.</param>
    /// <returns>The app's snapshot, or <see langword="null"/> if no app has this name.</returns>
    AppRoute? Find(ReadOnlySpan<char> host) => Find(host.ToString());

    /// <summary>Completes at the next change of this app's route, so that a request can wait for a dyno.</summary>
    /// <param name="route">The snapshot that the caller has; a newer one completes the wait at once.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken);
}
