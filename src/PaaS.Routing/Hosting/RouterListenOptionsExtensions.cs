using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using PaaS.Routing;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts the router on Kestrel's connections.</summary>
public static class RouterListenOptionsExtensions
{
    /// <summary>
    /// Has the router's own HTTP/1 engine serve the connections of this port, without Kestrel's HTTP. Behind <c>UseHttps</c> (call that first) it
    /// serves those that agreed on HTTP/1.1; those that agreed on HTTP/2 go on to the host's pipeline, where <c>MapPaaSRouter</c> serves them.
    /// </summary>
    /// <remarks>
    /// It works on every system. For plain HTTP on Linux, <c>FastRouterListener</c> costs less. Call this last: what is added behind it is only seen by HTTP/2.
    /// What the endpoint's HTTP limits say does not hold here; <see cref="RouterOptions"/> do.
    /// </remarks>
    /// <param name="listenOptions">The port.</param>
    /// <param name="router">The router; the one that <c>AddPaaSRouter</c> registered if left out.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    /// <exception cref="InvalidOperationException">No router was given, and <c>AddPaaSRouter</c> was not called.</exception>
    public static ListenOptions UsePaaSRouter(this ListenOptions listenOptions, PaaSRouter? router = null)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        var lanes = (router ?? listenOptions.ApplicationServices.GetRequiredService<PaaSRouter>()).Lanes;

        // With no middleware, the port's pipeline is always the same object; with any, it is composed anew. Then bytes may have to go through it.
        var isBare = ReferenceEquals(listenOptions.Build(), listenOptions.Build());
        listenOptions.Use(next => new ConnectionFront(lanes, next, isBare).OnConnectionAsync);
        return listenOptions;
    }

    /// <summary>
    /// Encrypts this port with the router's certificates: TLS 1.2 and 1.3, the certificate chosen by SNI, HTTP/2 or HTTP/1.1 by ALPN as
    /// <see cref="ListenOptions.Protocols"/> allow. Call it before <see cref="UsePaaSRouter"/>.
    /// </summary>
    /// <param name="listenOptions">The port.</param>
    /// <param name="certificates">The certificates. Several ports may share them.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    public static ListenOptions UsePaaSRouterTls(this ListenOptions listenOptions, RouterCertificates certificates)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(certificates);
        return listenOptions.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context => ValueTask.FromResult(certificates.Find(context.ClientHelloInfo.ServerName, listenOptions.Protocols)),
        });
    }
}
