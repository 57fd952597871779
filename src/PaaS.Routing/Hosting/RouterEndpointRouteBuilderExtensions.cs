using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PaaS.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the router as an endpoint.</summary>
public static class RouterEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps every path and method to the router, after all other endpoints. On a port that is shared with other endpoints
    /// add <c>.RequireHost("*.apps.example.com")</c>. The server needs <see cref="RouterListener.Configure"/>.
    /// </summary>
    /// <param name="endpoints">The route builder of a host that called <c>AddPaaSRouter</c>.</param>
    /// <returns>For conventions such as a host filter.</returns>
    /// <exception cref="InvalidOperationException"><c>AddPaaSRouter</c> was not called.</exception>
    public static IEndpointConventionBuilder MapPaaSRouter(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var router = endpoints.ServiceProvider.GetRequiredService<PaaSRouter>();
        var endpoint = endpoints.Map("/{**path}", router.ToRequestDelegate()).WithDisplayName("PaaS router");
        endpoint.Add(builder => ((RouteEndpointBuilder)builder).Order = int.MaxValue);
        return endpoint;
    }
}
