using System.Globalization;
using System.Net;
using Yarp.ReverseProxy.Configuration;

// A plain YARP proxy: YarpPeer PORT host:port,host:port
var (port, backends) = (int.Parse(args[0], CultureInfo.InvariantCulture), args[1].Split(','));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port);
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.Limits.MinResponseDataRate = null;
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "backends", Match = new RouteMatch { Path = "/{**path}" } }],
    [
        new ClusterConfig
        {
            ClusterId = "backends",
            LoadBalancingPolicy = "Random",
            Destinations = backends.ToDictionary(static backend => backend, static backend => new DestinationConfig { Address = $"http://{backend}/" }),
        },
    ]);
var app = builder.Build();
app.MapReverseProxy();
app.Run();
