using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>A client of HTTP/2.</summary>
internal static class Http2
{
    /// <summary>Speaks nothing but HTTP/2, to this port of this machine whatever the name; trusts everybody.</summary>
    public static HttpClient Client(int port) => new(Handler(port))
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public static SocketsHttpHandler Handler(int port)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
#pragma warning disable CA5359 // The certificate is made by the test.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return handler;
    }
}
