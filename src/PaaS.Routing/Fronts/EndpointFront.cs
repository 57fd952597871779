using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PaaS.Routing;

/// <summary>The router as an endpoint of a server's pipeline.</summary>
internal sealed class EndpointFront(ConnectionLanes lanes)
{
    /// <summary>Routes one request and answers it in any case.</summary>
    /// <returns>Completes when the response was given to the server, a tunnel has ended or the request was given up; its line is in the log then.</returns>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Unlimit(context);
        return new ContextHalf(lanes, context).RunAsync();
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
}
