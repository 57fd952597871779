using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>The router on Kestrel's connections: bytes in, bytes out, without Kestrel's HTTP. A connection that speaks HTTP/2 goes on to that.</summary>
/// <param name="lanes">What all connections share.</param>
/// <param name="next">What stands behind: Kestrel's HTTP.</param>
/// <param name="isBare">Whether nothing stands before.</param>
internal sealed partial class ConnectionFront(ConnectionLanes lanes, ConnectionDelegate next, bool isBare)
{
    /// <summary>So many connections too many are told so; the others are just cut.</summary>
    private const int MaxToldTooMany = 1000;

    /// <summary>Makes the machine that speaks with a client.</summary>
    public Func<Lane, Link, ClientInfo, IClientLinkHandler> MakeClient { get; init; } = static (lane, link, info) => new RequestHalf(lane, link, info);

    /// <summary>Serves a connection.</summary>
    /// <returns>Completes when nothing is left of it.</returns>
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is { } alpn && alpn.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span))
        {
            await next(connection);
            return;
        }

        if (isBare)
        {
            connection.Items[ClientOutlet.IsBareKey] = null;
        }

        KestrelLink? link = null;
        var lane = new ConnectionLane(lanes) { Cut = () => link!.Fail() };
        link = new KestrelLink(lane, connection);
        var tooMany = lanes.Enter() - lanes.Engine.Options.MaxClientConnections;
        try
        {
            if (tooMany > 0)
            {
                Log.TooManyClients(lanes.Engine.Logger, lanes.Engine.Options.MaxClientConnections);
                lane.Run(new TurnAway(link, tooMany <= MaxToldTooMany));
                await link.Gone;
                return;
            }

            var begin = new Begin(this, link, connection);
            lane.Run(begin);
            using var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
                .UnsafeRegister(static state => ((Begin)state!).Stop(), begin) ?? default;
            await link.Gone;
        }
        finally
        {
            lanes.Leave();
        }
    }

    private static ClientInfo InfoOf(ConnectionContext connection) => ClientFacts.Of(
        connection.Features,
        (connection.RemoteEndPoint as IPEndPoint)?.Address,
        (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0);

    private sealed class Begin(ConnectionFront front, KestrelLink link, ConnectionContext connection) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            link.Handler = front.MakeClient(lane, link, InfoOf(connection));
            link.Start();
        }

        public void Stop() => link.Dispatch(new StopEvent(link));
    }

    /// <summary>The listener stops.</summary>
    private sealed class StopEvent(KestrelLink link) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => (link.Handler as IClientLinkHandler)?.Stop();
    }

    /// <summary>There are too many clients: this one is told so (H22).</summary>
    private sealed class TurnAway(KestrelLink link, bool isTold) : LaneEvent
    {
        public override void Run(ConnectionLane lane)
        {
            lane.Engine.Recorder.TurnedAway();
            if (isTold)
            {
                link.Send(lane.Lanes.TooManyConnections);
                link.Close();
            }
            else
            {
                link.Abort();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Debug, "A client was turned away (H22): the router has {Limit} connections of clients already (RouterOptions.MaxClientConnections)")]
        public static partial void TooManyClients(ILogger logger, int limit);
    }
}
