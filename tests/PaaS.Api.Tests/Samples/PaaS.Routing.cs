using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PaaS.Routing;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Routing's readme: compiled, not run, since it would take a port.</summary>
internal static class RoutingSample
{
    public static async Task RunAsync()
    {
        // sample
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.ConfigureKestrel(RouterListener.Configure);
        builder.Services.AddPaaSRouter(o => o.FirstByteTimeout = TimeSpan.FromSeconds(60));
        var app = builder.Build();
        app.MapPaaSRouter();

        var web1 = new DynoEndpoint(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 3000));
        var route = new AppRoute(AppId.New(), AppName.Parse("hello"), ["hello.localhost"], WebState.Up, [web1], new LogStream());
        app.Services.GetRequiredService<RouteTable>().Set(route);
        await app.RunAsync();

        // end
    }
}
