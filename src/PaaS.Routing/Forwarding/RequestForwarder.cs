using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>
/// Carries one request to a dyno and the response back:
/// <code>
///   place -> connect -> head -> body ---> [dyno]
///     ^         |                            |
///     +- other -+ (nothing sent yet)         v
///   client &lt;------- body &lt;- head &lt;-----------+
/// </code>
/// 1. a dyno that takes requests is acquired, waiting for one that starts; 2. it is connected to, within 5 s; if that fails
/// another one is tried; 3. from the first byte that was written on, the request stays with its dyno; 4. bodies stream both ways;
/// 5. the dyno is released exactly once, also when the connection became a tunnel.
/// </summary>
internal sealed class RequestForwarder(IRouteTable routes, IDynoSelector selector, DynoClients clients, RouterOptions options, TimeProvider time)
{
    /// <summary>Forwards a request.</summary>
    /// <returns><see langword="null"/> if a response was relayed to its end, else what went wrong.</returns>
    public async Task<RouterError?> ForwardAsync(ContextExchange exchange)
    {
        if (RequestRules.ExpectsUnknown(exchange.Context.Request))
        {
            return RouterError.UnknownExpect;
        }

        var startedAt = time.GetUtcNow();
        var placement = new Placement(routes, selector, clients, options, time, exchange);
        while (true)
        {
            if (await placement.NextAsync(exchange.Context.RequestAborted) is { } refusal)
            {
                return refusal;
            }

            var dyno = exchange.Dyno!;
            try
            {
                var error = await TryAsync(exchange, dyno, startedAt);
                if (error?.Code is not ("H19" or "H21") || !placement.Failed(dyno, error))
                {
                    return error;
                }
            }
            finally
            {
                dyno.Release();
            }
        }
    }

    private async Task<RouterError?> TryAsync(ContextExchange exchange, DynoEndpoint dyno, DateTimeOffset startedAt)
    {
        using var request = new DynoRequest(exchange, dyno.Address) { Content = Body(exchange) };
        RouterHeaders.ToDyno(exchange, request, startedAt, options.PublicPort);
        exchange.Watch.Begin(Waiting.FirstByte, options.FirstByteTimeout);
        exchange.BeginService();
        HttpResponseMessage response;
        try
        {
            response = await clients.For(dyno).SendAsync(request, exchange.Watch.Token);
        }
        catch (Exception e) when (Failure.BeforeResponse(e, exchange) is { } error)
        {
            return error;
        }
        finally
        {
            exchange.Reached();
        }

        using (response)
        {
            exchange.Watch.Begin(Waiting.DynoToSend, options.IdleTimeout);
            return await ResponseRelay.RelayAsync(exchange, response);
        }
    }

    /// <summary>The body to send, or null if the request has none and may be repeated by the HTTP client.</summary>
    private static ClientBody? Body(ContextExchange exchange)
    {
        var request = exchange.Context.Request;
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength > 0)
        {
            return new ClientBody(exchange, request.ContentLength);
        }

        var method = request.Method;
        var repeatable = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
        return repeatable && exchange.UpgradeTo is null ? null : new ClientBody(exchange, 0);
    }
}
