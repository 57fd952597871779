using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PaaS.Routing;

/// <summary>Chooses how a client is sent to.</summary>
internal static class ClientOutlet
{
    /// <summary>The type of a pipe's own end: that of a transport through which nothing was put yet.</summary>
    private static readonly Type PlainPipe = new Pipe().Writer.GetType();

    /// <summary>Set on connections on which no other middleware stands before the router's: then what is sent may go to the socket itself.</summary>
    public static object IsBareKey { get; } = new();

    public static Outlet For(ConnectionContext connection, LaneLink link)
    {
        var output = connection.Transport.Output;
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && output.GetType() == PlainPipe && connection.Items.ContainsKey(IsBareKey))
        {
            socket.Blocking = false;
            return new SocketOutlet(socket) { Owner = link };
        }

        return new PipeOutlet(output, connection.Features.Get<ISslStreamFeature>()?.SslStream) { Owner = link };
    }
}
