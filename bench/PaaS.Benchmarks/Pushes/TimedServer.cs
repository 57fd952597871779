using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace PaaS.Benchmarks;

/// <summary>A Kestrel on loopback that adds up how long its requests take: the server's part of what a client does.</summary>
internal sealed class TimedServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private long _ticks;

    private TimedServer(WebApplication web) => _web = web;

    public Uri Address => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<TimedServer> StartAsync(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        var server = new TimedServer(builder.Build());
        server._web.Use(async (context, next) =>
        {
            var began = Stopwatch.GetTimestamp();
            await next(context);
            Interlocked.Add(ref server._ticks, Stopwatch.GetTimestamp() - began);
        });
        server._web.UseRouting();
        map(server._web);
        await server._web.StartAsync();
        return server;
    }

    /// <summary>Gives what the requests have taken since it was last asked.</summary>
    public TimeSpan Take() => Stopwatch.GetElapsedTime(0, Interlocked.Exchange(ref _ticks, 0));

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();
}
