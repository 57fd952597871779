using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The span of a request, by OpenTelemetry's conventions for HTTP servers, for whoever listens to the source <c>PaaS.Routing</c>. The query is left
/// out: a span goes to the operator, and a query may hold what is the app's secret.
/// </summary>
internal static class RequestSpans
{
    public const string SourceName = "PaaS.Routing";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsAnybodyListening => Source.HasListeners();

    /// <summary>Opens the span below the client's, if anybody wants it.</summary>
    public static Activity? Begin(RequestFacts facts, ReadOnlySpan<byte> traceParent)
    {
        var method = Method(facts.Method);
        _ = ActivityContext.TryParse(Encoding.Latin1.GetString(traceParent), null, isRemote: true, out var parent);
        var (path, scheme) = (Path(facts.Target), facts.TlsVersion is null ? "http" : "https");
        ReadOnlySpan<KeyValuePair<string, object?>> known =
        [
            new("http.request.method", method), new("url.path", path), new("url.scheme", scheme), new("server.address", HostName(facts.Host)),
            new("paas.app", facts.Route!.Name.ToString()), new("paas.request_id", Encoding.Latin1.GetString(facts.RequestId)),
        ];

        // A lane serves one request after the other on the same thread: none may become the parent of the next.
        var outer = Activity.Current;
        Activity.Current = null;
        try
        {
            // Of W3C's form, whatever the process prefers: dynos get it as traceparent.
            var span = Source.CreateActivity(method == "_OTHER" ? "HTTP" : method, ActivityKind.Server, parent, known.ToArray(), idFormat: ActivityIdFormat.W3C);
            if (method == "_OTHER")
            {
                span?.SetTag("http.request.method_original", Encoding.Latin1.GetString(facts.Method));
            }

            return span?.SetStartTime(DateTimeOffset.FromUnixTimeMilliseconds(facts.StartedAt).UtcDateTime).Start();
        }
        finally
        {
            Activity.Current = outer;
        }
    }

    /// <summary>Says what became of the request, and ends its span.</summary>
    /// <param name="facts">The request.</param>
    /// <param name="span">Its span.</param>
    /// <param name="duration">From the end of its head to its last byte.</param>
    public static void End(RequestFacts facts, Activity span, TimeSpan duration)
    {
        if (facts.Status != 0)
        {
            span.SetTag("http.response.status_code", facts.Status);
        }

        span.SetTag("network.protocol.version", facts.Protocol["http".Length..]);
        span.SetTag("http.request.body.size", facts.BytesIn);
        span.SetTag("http.response.body.size", facts.BytesOut);
        if (facts.Dyno is { } dyno)
        {
            span.SetTag("paas.dyno", dyno.Label);
        }

        if (facts.Error is { } error)
        {
            span.SetTag("error.type", error.Code);
            span.SetStatus(error.At == "error" ? ActivityStatusCode.Error : ActivityStatusCode.Unset, error.Desc);
        }
        else if (facts.Status >= 500)
        {
            span.SetTag("error.type", facts.Status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }

        var outer = Activity.Current;
        span.SetEndTime(span.StartTimeUtc + duration);
        span.Dispose();
        Activity.Current = outer;
    }

    /// <summary>The methods of RFC 9110 and PATCH; any other token is one value, for anybody can think of a new one.</summary>
    private static string Method(ReadOnlySpan<byte> method) => method switch
    {
        _ when method.SequenceEqual("GET"u8) => "GET",
        _ when method.SequenceEqual("POST"u8) => "POST",
        _ when method.SequenceEqual("PUT"u8) => "PUT",
        _ when method.SequenceEqual("DELETE"u8) => "DELETE",
        _ when method.SequenceEqual("HEAD"u8) => "HEAD",
        _ when method.SequenceEqual("OPTIONS"u8) => "OPTIONS",
        _ when method.SequenceEqual("PATCH"u8) => "PATCH",
        _ when method.SequenceEqual("TRACE"u8) => "TRACE",
        _ => "_OTHER",
    };

    private static string Path(ReadOnlySpan<byte> target)
    {
        if (target.IndexOf("://"u8) is var scheme and > 0 && target[0] != '/')
        {
            target = target[(scheme + 3)..];
            target = target.IndexOf((byte)'/') is var slash and >= 0 ? target[slash..] : "/"u8;
        }

        return Encoding.Latin1.GetString(target.IndexOf((byte)'?') is var query and >= 0 ? target[..query] : target);
    }

    private static string HostName(ReadOnlySpan<byte> host) =>
        Encoding.Latin1.GetString(host.LastIndexOf((byte)':') is var colon and > 0 && host[^1] != ']' ? host[..colon] : host);
}
