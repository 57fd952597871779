using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PaaS.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets the platform answer on the embedder's own port as well.</summary>
public static class PaaSEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the platform into a pipeline, behind host filters only: the API and git answer under one host name, the apps
    /// under <see cref="PaaSOptions.AppDomain"/>. The platform's own listeners answer all the same.
    /// </summary>
    /// <param name="endpoints">The pipeline of a host that <c>AddPaaS</c> was called for.</param>
    /// <param name="apiHost">The host name of the API and git, such as <c>api.example.com</c>, with or without a port.</param>
    /// <exception cref="ArgumentException"><paramref name="apiHost"/> is empty or a wildcard: the API must never answer for every name.</exception>
    public static void MapPaaS(this IEndpointRouteBuilder endpoints, string apiHost)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(apiHost);
        if (apiHost.StartsWith('*'))
        {
            throw new ArgumentException("The API needs a host name of its own, not a wildcard.", nameof(apiHost));
        }

        var service = endpoints.ServiceProvider.GetRequiredService<PaaSService>();
        var options = endpoints.ServiceProvider.GetRequiredService<PaaSOptions>();

        // Under the platform's host names every path is the platform's, also one that the embedder maps for all hosts.
        endpoints.Map("/{**path}", context => AnswerAsync(context, service.Api)).RequireHost(apiHost).WithOrder(int.MinValue);
        endpoints.Map("/{**path}", context => AnswerAsync(context, service.Router)).RequireHost($"*.{options.AppDomain}").WithOrder(int.MinValue);
    }

    private static Task AnswerAsync(HttpContext context, RequestDelegate? handle)
    {
        if (handle is not null)
        {
            return handle(context);
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("The platform is starting or stopping.\n", context.RequestAborted);
    }
}
