using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// All that answers on the API's port: Platform API, streams, uploads and git, as one delegate that any listener can run.
/// </summary>
internal sealed partial class ApiPipeline
{
    private readonly ILogger _logger;
    private readonly RequestDelegate _endpoints;

    private ApiPipeline(ILogger logger, RequestDelegate endpoints) => (_logger, _endpoints) = (logger, endpoints);

    /// <summary>What the API needs of its listener.</summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.AddServerHeader = false;

        // A push takes as long as it takes. Each resource sets the size that it takes.
        kestrel.Limits.MinRequestBodyDataRate = null;
    }

    public static ApiPipeline Build(PlatformCore core, ApiAuthentication authentication, OutboundGuard outbound, Action<IEndpointRouteBuilder> mapMore, CancellationToken stopping)
    {
        var services = new ServiceCollection();
        services.AddRoutingCore();
        services.AddSingleton(core.Services.Loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddMetrics();
        services.AddSingleton(new DiagnosticListener("PaaS.Hosting"));
        var app = new ApplicationBuilder(services.BuildServiceProvider());
        app.UseRouting();
        app.Use((context, next) =>
        {
            // Routing answers a wrong verb by itself, to anybody and without JSON: to Heroku it is an address that does not exist.
            context.SetEndpoint(context.GetEndpoint() as RouteEndpoint);
            return next(context);
        });
        app.UseEndpoints(endpoints =>
        {
            MapApi(core, new ApiRoutes(endpoints, authentication), endpoints, outbound, stopping);
            mapMore(endpoints);
        });
        app.Run(async context =>
        {
            // An address that does not exist is told apart from one that does only to those who may know.
            if (await authentication.AuthenticateAsync(context) is not null)
            {
                await ApiError.NotFound("The requested API endpoint was not found. Are you using the right HTTP verb (i.e. `GET` vs. `POST`)?").WriteAsync(context);
            }
        });
        return new ApiPipeline(core.Services.Loggers.CreateLogger<ApiPipeline>(), app.Build());
    }

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            // Under an embedder's own routing the endpoint that led here is set; ours are matched afresh.
            context.SetEndpoint(null);
            await _endpoints(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await new ApiError(exception.StatusCode, "bad_request", "The request could not be read.").WriteAsync(context);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !context.Response.HasStarted)
        {
            // The pattern, not the path: some paths hold the credential.
            Log.Failed(_logger, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "an unknown address", exception);
            await new ApiError(StatusCodes.Status500InternalServerError, "internal_error", "The platform failed on this request. The operator's log says more.").WriteAsync(context);
        }
    }

    private static void MapApi(PlatformCore core, ApiRoutes routes, IEndpointRouteBuilder endpoints, OutboundGuard outbound, CancellationToken stopping)
    {
        var (platform, addresses, time) = (core.Platform, core.Services.Addresses, core.Services.Time);
        var tickets = new StreamTickets(time);
        AccountResource.Map(routes);
        new AppsResource(platform, addresses).Map(routes);
        new ConfigVarsResource(platform).Map(routes);
        new ReleasesResource(platform, tickets, addresses).Map(routes);
        new FormationResource(platform).Map(routes);
        new DynosResource(platform).Map(routes);
        new DynoCreation(platform, time).Map(routes);
        new JobsResource(platform).Map(routes);
        new UsageResource(platform).Map(routes);
        new BuildSettingsResource(platform).Map(routes);
        new RouterSettingsResource(platform, core.Services.Options.Router.Limits).Map(routes);
        new RequestsResource(platform).Map(routes);
        new LogSessionsResource(platform, tickets, addresses, time).Map(routes);
        new StreamsResource(tickets, time, stopping).Map(endpoints);
        var builds = new BuildsResource(platform, tickets, addresses);
        builds.Map(routes);
        if (core.Uploads is { } uploads)
        {
            var sources = new SourcesResource(platform, uploads, addresses);
            sources.Map(routes, endpoints);
            new BuildSourcesResource(platform, uploads, sources, outbound, builds, core.Services.Options).Map(routes);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Error, "{Method} {Route} failed")]
        public static partial void Failed(ILogger logger, string method, string route, Exception exception);
    }
}
