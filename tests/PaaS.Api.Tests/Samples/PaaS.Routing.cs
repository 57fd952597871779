using System.Net;
using PaaS.Routing;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Routing's readme: compiled, not run, since it would take a port.</summary>
internal static class RoutingSample
{
    public static async Task RunAsync()
    {
        // sample
        var routes = new RouteTable();
        await using var listener = await FastRouterListener.StartAsync(new PaaSRouter(routes), new IPEndPoint(IPAddress.Loopback, 8080));

        var web1 = new DynoEndpoint(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 3000));
        routes.Set(new AppRoute(AppId.New(), AppName.Parse("hello"), ["hello.localhost"], WebState.Up, [web1], new LogStream()));

        // end
    }
}
