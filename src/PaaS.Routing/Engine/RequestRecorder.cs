using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>What is kept of a request when it is over: one line in the app's log, a trace, metrics, a span, and a word to the embedder's observer. Safe for threads.</summary>
internal sealed partial class RequestRecorder : IDisposable
{
    [ThreadStatic]
    private static byte[]? _line;

    private readonly RouterPolicies _policies;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _frequency;
    private readonly int? _retryAfter;
    private readonly RequestTraces _traces;
    private readonly RouterMetrics _metrics;

    /// <param name="options">The router's options.</param>
    /// <param name="policies">Whom to ask for pages, and whom to tell.</param>
    /// <param name="time">The clock of the facts' timestamps.</param>
    /// <param name="logger">Where a policy that fails is told of.</param>
    /// <param name="meters">Makes the router's meter; without one it is the router's own.</param>
    public RequestRecorder(RouterOptions options, RouterPolicies policies, TimeProvider time, ILogger logger, IMeterFactory? meters)
    {
        _traces = new RequestTraces(options.TraceCapacity, time);
        _metrics = new RouterMetrics(meters, time);
        _policies = policies;
        _time = time;
        _logger = logger;
        _frequency = time.TimestampFrequency;
        _retryAfter = options.RetryAfter is { } after ? (int)Math.Ceiling(after.TotalSeconds) : null;
    }

    /// <summary>The last requests.</summary>
    public IRequestTrace Traces => _traces;

    /// <summary>A request of a known app has begun. May open a span in <see cref="RequestFacts.Activity"/>.</summary>
    public void Begun(RequestFacts facts, ReadOnlySpan<byte> traceParent)
    {
        _metrics.Begun(facts.Route!);
        if (RequestSpans.IsAnybodyListening)
        {
            facts.Activity = RequestSpans.Begin(facts, traceParent);
        }
    }

    /// <summary>It is over. Called exactly once for each request of a known app.</summary>
    public void Done(RequestFacts facts, ReadOnlySpan<byte> head)
    {
        // The trace first: who sees the line in the log finds what it names.
        _traces.Add(facts);
        try
        {
            _metrics.Done(facts);
        }
        finally
        {
            // Also if a listener of the metrics fails.
            var buffer = _line ??= new byte[LogStream.MaxLineBytes];
            var length = LineOf(facts, head).WriteTo(buffer);
            facts.Route!.Logs.Write(LogSource.Heroku, "router", buffer.AsSpan(0, length));
        }

        if (facts.Activity is { } span)
        {
            RequestSpans.End(facts, span, _time.GetElapsedTime(facts.Began, facts.Ended));
        }

        if (_policies.Observer is { } observer)
        {
            Tell(observer, facts, head);
        }
    }

    /// <summary>The answer to an error: the embedder's page, the app's, or the router's own; JSON for who asks for it.</summary>
    public ErrorAnswer Answer(RequestFacts facts, RouterError error, ReadOnlySpan<byte> head)
    {
        var retryAfter = error.Code is "H20" or "H80" ? _retryAfter : null;
        var page = _policies.ErrorPages is { } pages ? Find(pages, facts, error, head) : null;
        if ((page ?? PageOfApp(facts, error)) is { } custom)
        {
            return new ErrorAnswer(error.Status, custom.ContentType, custom.Body, retryAfter);
        }

        return OwnPage.Of(error, facts.RequestId, facts.AcceptsJson) with { RetryAfter = retryAfter };
    }

    /// <summary>The answer to a host name that no app has (404).</summary>
    public ErrorAnswer NoSuchApp(ReadOnlySpan<byte> requestId, bool json) => Counted(OwnPage.NoSuchApp(requestId, json));

    /// <summary>The answer to a request that is refused before any lookup.</summary>
    public ErrorAnswer Refused(RequestRefusal refusal, ReadOnlySpan<byte> requestId, bool json) => Counted(OwnPage.Of(refusal, requestId, json));

    /// <summary>The answer to a connection that is one too many (H22): no request of it was read. The same for all.</summary>
    public static ErrorAnswer TooManyConnections() => OwnPage.Of(RouterError.ConnectionLimit, "-"u8, json: false);

    /// <summary>A connection was one too many, and was answered so.</summary>
    public void TurnedAway() => _metrics.Refused(RouterError.ConnectionLimit.Status);

    /// <summary>The meter goes, if it is the router's own.</summary>
    public void Dispose() => _metrics.Dispose();

    /// <summary>
    /// The page that the app has for this error. It stands for failures of the app and its dynos, not for what is wrong with the request, and not
    /// for an app that was never released. A client that asked for JSON gets it only if it is JSON.
    /// </summary>
    private static RoutePage? PageOfApp(RequestFacts facts, RouterError error)
    {
        var settings = facts.Route?.Settings;
        var page = error.Code switch
        {
            "H80" => settings?.MaintenancePage,
            "H81" => null,
            _ => error.Status >= 500 ? settings?.ErrorPage : null,
        };
        return page is null || !facts.AcceptsJson || IsJson(page.ContentType) ? page : null;
    }

    private static bool IsJson(string contentType)
    {
        var type = contentType.AsSpan();
        type = (type.IndexOf(';') is var end and >= 0 ? type[..end] : type).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private ErrorAnswer Counted(ErrorAnswer answer)
    {
        _metrics.Refused(answer.Status);
        return answer;
    }

    private RouterLogLine LineOf(RequestFacts facts, ReadOnlySpan<byte> head) => new()
    {
        Error = facts.Error,
        Method = facts.Method,
        Path = facts.Target,
        Host = facts.Host,
        RequestId = facts.RequestId,
        ForwardedFor = facts.ForwardedFor,
        Dyno = facts.Dyno?.Label,
        Connect = facts.Connecting is { } connecting ? Milliseconds(connecting) : null,
        Service = facts.Connected != 0 ? Milliseconds(facts.Ended - facts.Connected) : null,
        Status = facts.Status,
        Bytes = facts.BytesOut,
        Protocol = facts.Protocol,
        TlsVersion = facts.TlsVersion,
        Agent = facts.Error?.Code == "H31" && HeaderLines.TryGet(head, "User-Agent"u8, out var agent) ? agent : default,
    };

    /// <summary>Whole milliseconds, rounded down, without the error of a floating point and without an overflow.</summary>
    private long Milliseconds(long ticks) => (ticks / _frequency * 1000) + (ticks % _frequency * 1000 / _frequency);

    private RoutePage? Find(IErrorPages pages, RequestFacts facts, RouterError error, ReadOnlySpan<byte> head)
    {
        try
        {
            return pages.Find(new RequestView(facts, head), error.Code, error.Status);
        }
#pragma warning disable CA1031 // The embedder's code: whatever it throws, the client gets an answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PolicyFailed(_logger, e, nameof(IErrorPages), Encoding.Latin1.GetString(facts.RequestId));
            return null;
        }
    }

    private void Tell(IRequestObserver observer, RequestFacts facts, ReadOnlySpan<byte> head)
    {
        try
        {
            var duration = _time.GetElapsedTime(facts.Began, facts.Ended);
            observer.OnDone(new RequestView(facts, head), new RequestOutcome(facts.Error?.Code, facts.Status, facts.Dyno, duration, facts.BytesOut));
        }
#pragma warning disable CA1031 // The embedder's code: the request is over, and the connections of others must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PolicyFailed(_logger, e, nameof(IRequestObserver), Encoding.Latin1.GetString(facts.RequestId));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Error, "The router's {Policy} failed on request {RequestId}; the router went on without it")]
        public static partial void PolicyFailed(ILogger logger, Exception exception, string policy, string requestId);
    }
}
