using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing;

/// <summary>
/// A router: finds the app of a request by its host name, sends it to one of the app's web dynos and the response back, and leaves one line in the
/// app's log. Errors have Heroku's H-codes. Any number of fronts may share one router.
/// </summary>
/// <remarks>
/// <code>
/// request -> in order? -> host -> app -> state -> dyno (random) -> forward -> relay -> log line
///               |400       |404    |H11 H14 H20 H81 ...   |H19 H21    |H12 H13 H15 H18 ...
/// </code>
/// </remarks>
public sealed class PaaSRouter : IDisposable
{
    private readonly Lazy<ConnectionLanes> _lanes;

    /// <summary>Makes a router. It listens to nothing yet: give it to a front.</summary>
    /// <param name="routes">Which host leads to which app, and to which dynos.</param>
    /// <param name="options">The limits; Heroku's if left out. Not to be changed afterwards.</param>
    /// <param name="policies">What the embedder decides; Heroku's ways if left out.</param>
    /// <param name="time">The clock of all limits.</param>
    /// <param name="logger">The operator's log: unknown hosts and refused requests at Debug, the router's own faults at Error.</param>
    /// <param name="meters">Makes the meter <c>PaaS.Routing</c>; without one the router makes it itself.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names each.</exception>
    public PaaSRouter(IRouteTable routes, RouterOptions? options = null, RouterPolicies? policies = null, TimeProvider? time = null, ILogger<PaaSRouter>? logger = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        options ??= new RouterOptions();
        if (RouterOptionsValidator.Problems(options) is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        time ??= TimeProvider.System;
        policies ??= new RouterPolicies();
        var log = logger ?? (ILogger)NullLogger.Instance;
        Engine = new RouterEngine
        {
            Routes = routes,
            Options = options,
            Policies = policies,
            Time = time,
            Logger = log,
            Quarantine = new Quarantine(time, options.Quarantine),
            Recorder = new RequestRecorder(options, policies, time, log, meters),
        };
        _lanes = new Lazy<ConnectionLanes>(() => new ConnectionLanes(Engine));
    }

    /// <summary>What the router knew and did for each of its last requests.</summary>
    public IRequestTrace Requests => Engine.Recorder.Traces;

    /// <summary>The router as an endpoint, for hosts that map it themselves; <c>MapPaaSRouter</c> does it for those with routing. The server needs <see cref="RouterListener.Configure"/>.</summary>
    /// <returns>Answers every request; its task completes when the response was given to the server.</returns>
    public RequestDelegate ToRequestDelegate() => new EndpointFront(Lanes).InvokeAsync;

    internal RouterEngine Engine { get; }

    /// <summary>What the connections on Kestrel share.</summary>
    internal ConnectionLanes Lanes => _lanes.Value;

    /// <summary>Closes the connections to dynos that no request uses. Stop the listeners first: a request that still runs goes on, and no connection of it is kept.</summary>
    public void Dispose()
    {
        Engine.IsStopping = true;
        if (_lanes.IsValueCreated)
        {
            _lanes.Value.Dispose();
        }

        Engine.Recorder.Dispose();
    }
}
