using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using PaaS.Routing;

namespace PaaS.Samples;

/// <summary>The three ways for connections to reach a router.</summary>
internal static class Front
{
    public static async Task<IAsyncDisposable> StartAsync(string name, PaaSRouter router, IPEndPoint address) =>
        name == "fast" && OperatingSystem.IsLinux() ? await FastRouterListener.StartAsync(router, address) : await StartWebAsync(name, router, address);

    private static async Task<IAsyncDisposable> StartWebAsync(string name, PaaSRouter router, IPEndPoint address)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Whoever has .NET complete socket operations inline wants the same of Kestrel, which has a switch of its own (docs/routing-fronts.md).
        var inline = Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = inline).ConfigureKestrel(kestrel =>
        {
            RouterListener.Configure(kestrel);
            kestrel.Listen(address, listen =>
            {
                if (name == "kestrel")
                {
                    listen.UsePaaSRouter(router);
                }
            });
        });

        var web = builder.Build();
        web.Run(router.ToRequestDelegate());
        await web.StartAsync();
        return web;
    }
}
