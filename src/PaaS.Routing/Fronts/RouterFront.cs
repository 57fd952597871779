using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing;

/// <summary>
/// The router as an endpoint: takes any <see cref="HttpContext"/>, finds the app by the Host header, sends the request to
/// one of its web dynos and the response back, and leaves one line in the app's log. Errors have Heroku's H-codes.
/// </summary>
/// <remarks>
/// <code>
/// request -> in order? -> host -> app -> state -> dyno (random) -> forward -> relay -> log line
///               |400       |404    |H11 H14 H20 H81 ...   |H19 H21    |H12 H13 H15 H18 ...
/// </code>
/// Give the server that calls it the settings of <see cref="RouterListener.Configure"/>. One front may serve any number of listeners.
/// </remarks>
public sealed partial class RouterFront : IDisposable
{
    private readonly IRouteTable _routes;
    private readonly RouterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DynoClients _clients;
    private readonly RequestForwarder _forwarder;

    /// <summary>Makes a router.</summary>
    /// <param name="routes">Which host leads to which app, and to which dynos.</param>
    /// <param name="options">The limits; Heroku's if left out. Not to be changed afterwards.</param>
    /// <param name="selector">How a dyno is picked; uniformly at random if left out.</param>
    /// <param name="time">The clock of all limits.</param>
    /// <param name="logger">The operator's log: unknown hosts and refused requests at Debug, the router's own faults at Error.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names each.</exception>
    public RouterFront(IRouteTable routes, RouterOptions? options = null, IDynoSelector? selector = null, TimeProvider? time = null, ILogger<RouterFront>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        _routes = routes;
        _options = options ?? new RouterOptions();
        if (RouterOptionsValidator.Problems(_options) is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _clients = new DynoClients(_options, _time);
        _forwarder = new RequestForwarder(routes, selector ?? new RandomDynoSelector(Random.Shared), _clients, _options, _time);
    }

    /// <summary>Routes one request and answers it in any case.</summary>
    /// <param name="context">The request.</param>
    /// <returns>Completes when the response has been sent, a tunnel has been closed or the connection was given up, and the log line is written.</returns>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var requestId = RequestId.From(context.Request.Headers["X-Request-Id"]);
        if (RequestRules.Refusal(context.Request) is var status and not 0)
        {
            Log.Refused(_logger, status, requestId);
            await ErrorPageWriter.WriteRefusalAsync(context, status, requestId);
            return;
        }

        var host = HostKey.Parse(context.Request.Headers.Host.ToString())!;
        if (_routes.Find(host) is not { } route)
        {
            Log.UnknownHost(_logger, host, requestId);
            await ErrorPageWriter.WriteNoSuchAppAsync(context, requestId);
            return;
        }

        Unlimit(context);
        using var watch = new Watchdog(_time, context.RequestAborted);
        var exchange = new ContextExchange(context, host, requestId, route, _time) { Watch = watch, Options = _options };
        RouterError? error;
        try
        {
            error = await _forwarder.ForwardAsync(exchange);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            error = RouterError.ClientInterrupted;
        }
#pragma warning disable CA1031 // The edge of the router: whatever went wrong inside is our fault, H99, and must neither cost the log line nor reach the client.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PlatformError(_logger, e, route.Name, requestId);
            error = RouterError.PlatformError;
        }

        if (error is not null)
        {
            await AnswerAsync(exchange, error);
        }

        exchange.EndService();
        exchange.Route.Logs.Write(LogSource.Heroku, "router", exchange.ToLogLine(error));
    }

    /// <summary>Closes the connections to dynos. Stop the listeners first; a request that still runs ends as H99.</summary>
    public void Dispose() => _clients.Dispose();

    private static async Task AnswerAsync(ContextExchange exchange, RouterError error)
    {
        var context = exchange.Context;
        if (!context.Response.HasStarted && error.Status != StatusCodes.Status499ClientClosedRequest)
        {
            context.Response.Clear();
            exchange.Status = error.Status;
            exchange.Bytes = await ErrorPageWriter.WriteAsync(context, error, exchange.RequestId);
            return;
        }

        // What was begun can't be mended: the connection is cut, so that the client sees that the response is not whole.
        exchange.Status = error.Status == StatusCodes.Status499ClientClosedRequest ? error.Status : exchange.Status;
        if (!exchange.IsTunnel)
        {
            context.Abort();
        }
    }

    /// <summary>A server that was not set up by <see cref="RouterListener"/> may bound bodies and their pace; the router's rules are its own.</summary>
    private static void Unlimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: not null } size)
        {
            size.MaxRequestBodySize = null;
        }

        // HTTP/2 throws for a pace that was set already; there the listener's setting holds.
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { MinDataRate: not null } request)
            {
                request.MinDataRate = null;
            }

            if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { MinDataRate: not null } response)
            {
                response.MinDataRate = null;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Debug, "No app has the host {Host} (request {RequestId})")]
        public static partial void UnknownHost(ILogger logger, string host, string requestId);

        [LoggerMessage(3002, LogLevel.Debug, "Refused a malformed request with {Status} (request {RequestId})")]
        public static partial void Refused(ILogger logger, int status, string requestId);

        [LoggerMessage(3003, LogLevel.Error, "The router failed on a request of {App} (request {RequestId}); the client got H99")]
        public static partial void PlatformError(ILogger logger, Exception exception, AppName app, string requestId);
    }
}
