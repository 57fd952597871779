using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>One request on its way: what is known of it so far, and at the end its log line.</summary>
internal sealed class ContextExchange(HttpContext context, string hostKey, string requestId, AppRoute route, TimeProvider time)
{
    private long _serviceBegan;

    public HttpContext Context { get; } = context;

    /// <summary>The host name that is looked up.</summary>
    public string HostKey { get; } = hostKey;

    public string RequestId { get; } = requestId;

    public string ForwardedFor { get; } = RouterHeaders.ForwardedFor(context);

    /// <summary>The newest snapshot of the app that this request has seen.</summary>
    public AppRoute Route { get; set; } = route;

    /// <summary>The protocol to upgrade to, as the client named it; null for an ordinary request. h2c is never passed on.</summary>
    public string? UpgradeTo { get; } = Upgrade(context);

    /// <summary>The dyno that has the request, or the last one tried.</summary>
    public DynoEndpoint? Dyno { get; set; }

    /// <summary>Guards the silence of both ends.</summary>
    public required Watchdog Watch { get; init; }

    /// <summary>The limits.</summary>
    public required RouterOptions Options { get; init; }

    /// <summary>Why the client's body could not be read to its end; null if it could.</summary>
    public RouterError? BodyFailure { get; set; }

    /// <summary>Whether the body has begun to flow: from then on the request belongs to its dyno for good or ill.</summary>
    public bool BodyStarted { get; set; }

    /// <summary>Whether all of the body has been handed to the dyno.</summary>
    public bool BodySent { get; set; }

    /// <summary>Whether the pair of connections has become a tunnel.</summary>
    public bool IsTunnel { get; set; }

    public int Status { get; set; }

    public long Bytes { get; set; }

    private TimeSpan? Connect { get; set; }

    private TimeSpan? Service { get; set; }

    /// <summary>The request goes to its dyno; if there is a connection already, service begins now.</summary>
    public void BeginService() => _serviceBegan = time.GetTimestamp() | 1;

    /// <summary>A connection has been made for this request, or could not be; only now service begins.</summary>
    public void Connected(TimeSpan after, bool failed)
    {
        Connect = (Connect ?? TimeSpan.Zero) + after;
        _serviceBegan = failed ? 0 : time.GetTimestamp() | 1;
    }

    /// <summary>The dyno was reached, if not over a new connection then at once.</summary>
    public void Reached() => Connect ??= TimeSpan.Zero;

    /// <summary>The last byte has gone to the client.</summary>
    public void EndService()
    {
        if (_serviceBegan != 0)
        {
            Service ??= time.GetElapsedTime(_serviceBegan);
        }
    }

    /// <summary>The line for the app's log.</summary>
    public byte[] ToLogLine(RouterError? error)
    {
        var request = Context.Request;
        var line = new RouterLogLine
        {
            Error = error,
            Method = Encoding.Latin1.GetBytes(request.Method),
            Path = Encoding.Latin1.GetBytes(RawTarget.Of(Context)),
            Host = Encoding.Latin1.GetBytes(request.Headers.Host.ToString()),
            RequestId = Encoding.Latin1.GetBytes(RequestId),
            ForwardedFor = Encoding.Latin1.GetBytes(ForwardedFor),
            Dyno = Dyno?.Label,
            Connect = (long?)Connect?.TotalMilliseconds,
            Service = (long?)Service?.TotalMilliseconds,
            Status = Status,
            Bytes = Bytes,
            Protocol = HttpProtocol.IsHttp11(request.Protocol) ? "http1.1"
                : HttpProtocol.IsHttp2(request.Protocol) ? "http2.0"
                : HttpProtocol.IsHttp10(request.Protocol) ? "http1.0" : "http3.0",
            TlsVersion = request.IsHttps ? TlsVersion() : null,
        };
        var bytes = new byte[LogStream.MaxLineBytes];
        return bytes[..line.WriteTo(bytes)];
    }

    private static string? Upgrade(HttpContext context)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            return null;
        }

        var protocols = context.Request.Headers.Upgrade.ToString();
        return protocols.Length == 0 || protocols.Contains("h2c", StringComparison.OrdinalIgnoreCase) ? null : protocols;
    }

    private string TlsVersion() => Context.Features.Get<ITlsHandshakeFeature>()?.Protocol switch
    {
        SslProtocols.Tls12 => "tls1.2",
        SslProtocols.Tls13 => "tls1.3",
        _ => "unknown",
    };
}
