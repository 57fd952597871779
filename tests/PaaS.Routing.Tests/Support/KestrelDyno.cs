using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing.Tests;

/// <summary>An ordinary dyno: a real web server.</summary>
internal sealed class KestrelDyno : IAsyncDisposable
{
    private readonly WebApplication _server;

    private KestrelDyno(WebApplication server, string name)
    {
        _server = server;
        Endpoint = new DynoEndpoint(DynoName.Parse(name), new IPEndPoint(IPAddress.Loopback, RouterUnderTest.PortOf(server)));
    }

    public DynoEndpoint Endpoint { get; }

    public static async Task<KestrelDyno> StartAsync(RequestDelegate handler, string name = "web.1")
    {
        var server = RouterUnderTest.Listen(handler, kestrel => kestrel.Limits.MaxRequestBodySize = null);
        await server.StartAsync();
        return new KestrelDyno(server, name);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
