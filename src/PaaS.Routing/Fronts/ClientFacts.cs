using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PaaS.Routing;

/// <summary>What Kestrel knows of a client's connection, for the engine.</summary>
internal static class ClientFacts
{
    /// <param name="features">The connection's features, or a request's, which show them.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="port">The port that it came in on.</param>
    /// <param name="isHttps">Whether it is encrypted although no handshake was seen here: somebody in front has said so, and the host believes it.</param>
    public static ClientInfo Of(IFeatureCollection features, IPAddress? peer, int port, bool isHttps = false)
    {
        var tls = features.Get<ITlsHandshakeFeature>();
        var name = tls?.HostName;
        return new ClientInfo
        {
            Peer = Text(peer),
            Port = port,
            TlsVersion = tls is not null ? VersionOf(tls.Protocol) : isHttps ? "unknown" : null,
            Covers = string.IsNullOrEmpty(name) ? null : new CoveredNames(name, features.Get<ISslStreamFeature>()?.SslStream.LocalCertificate as X509Certificate2).Covers,
        };
    }

    /// <summary>An IPv4 client of a socket for both has its IPv4 address. A transport without addresses (a pipe, a Unix socket) gives none.</summary>
    private static byte[] Text(IPAddress? peer) => Encoding.ASCII.GetBytes((peer switch
    {
        null => IPAddress.None,
        { IsIPv4MappedToIPv6: true } => peer.MapToIPv4(),
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 } => new IPAddress(peer.GetAddressBytes()),
        _ => peer,
    }).ToString());

    private static string VersionOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "tls1.2",
        SslProtocols.Tls13 => "tls1.3",
        _ => "unknown",
    };
}
