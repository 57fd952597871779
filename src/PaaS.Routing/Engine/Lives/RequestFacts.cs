using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Routing;

/// <summary>One attempt at a dyno.</summary>
/// <param name="Dyno">The dyno.</param>
/// <param name="Candidates">How many could have been drawn.</param>
/// <param name="Left">How many were left out for their quarantine.</param>
/// <param name="Began">When, as a timestamp.</param>
/// <param name="Took">How long connecting took, in timestamp ticks.</param>
/// <param name="Outcome">What became of it.</param>
internal readonly record struct Attempt(DynoEndpoint Dyno, int Candidates, int Left, long Began, long Took, AttemptOutcome Outcome);

/// <summary>
/// All that is known of one request: what its log line, its trace, the metrics and the embedder's observer are made of. It belongs to an exchange and
/// is used for one request after the other. All texts are bytes as they were received.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The buffer gives its memory back when it is cleared.")]
internal sealed class RequestFacts
{
    private readonly ByteBuffer _text = new();
    private Slice _method;
    private Slice _target;
    private Slice _host;
    private Slice _requestId;
    private Slice _forwardedFor;

    public ReadOnlySpan<byte> Method => _method.Of(_text.Written);

    /// <summary>The target with its query, as received.</summary>
    public ReadOnlySpan<byte> Target => _target.Of(_text.Written);

    /// <summary>The Host line's value.</summary>
    public ReadOnlySpan<byte> Host => _host.Of(_text.Written);

    public ReadOnlySpan<byte> RequestId => _requestId.Of(_text.Written);

    /// <summary>The X-Forwarded-For that the dyno gets.</summary>
    public ReadOnlySpan<byte> ForwardedFor => _forwardedFor.Of(_text.Written);

    /// <summary><c>http1.1</c>, <c>http1.0</c> or <c>http2.0</c>.</summary>
    public string Protocol { get; set; } = "http1.1";

    /// <summary><c>tls1.3</c> and the like; null if the connection is plain.</summary>
    public string? TlsVersion { get; set; }

    public bool AcceptsJson { get; set; }

    public AppRoute? Route { get; set; }

    /// <summary>The dyno that has the request, or the last one that was tried.</summary>
    public DynoEndpoint? Dyno { get; set; }

    /// <summary>Null if nothing went wrong.</summary>
    public RouterError? Error { get; set; }

    /// <summary>The rule that decided, in words, if it needs any beyond the code.</summary>
    public string? Rule { get; set; }

    /// <summary>The status that the client got; 0 if it got none.</summary>
    public int Status { get; set; }

    /// <summary>Bytes of the body that went to the client.</summary>
    public long BytesOut { get; set; }

    /// <summary>Bytes of the body that came from the client.</summary>
    public long BytesIn { get; set; }

    /// <summary>When the head was complete, in Unix milliseconds.</summary>
    public long StartedAt { get; set; }

    /// <summary>Timestamps; 0 if it did not come to that: the head was complete, a dyno was connected, the whole request was sent, the first byte of the response came, all was over.</summary>
    public long Began { get; set; }

    public long Connected { get; set; }

    public long RequestSent { get; set; }

    public long FirstByte { get; set; }

    public long Ended { get; set; }

    /// <summary>Time spent on connecting, all attempts together, in timestamp ticks; null if none was made.</summary>
    public long? Connecting { get; set; }

    /// <summary>Time spent waiting for a dyno to start or to leave quarantine, in timestamp ticks.</summary>
    public long Waited { get; set; }

    public bool IsUpgraded { get; set; }

    /// <summary>The span of this request, if anybody listens.</summary>
    public Activity? Activity { get; set; }

    public List<Attempt> Attempts { get; } = new(4);

    /// <summary>Takes the texts from a head.</summary>
    public void Take(RequestHead head, ReadOnlySpan<byte> input, ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> peer)
    {
        _method = Add(head.Method.Of(input));
        _target = Add(head.Target.Of(input));
        _host = Add(head.Host.Of(input));
        _requestId = Add(requestId);
        var start = _text.Length;
        head.WriteForwardedFor(_text, input, peer);
        _forwardedFor = new Slice(start, _text.Length - start);
    }

    /// <summary>As new.</summary>
    public void Clear()
    {
        _text.Clear();
        Attempts.Clear();
        (_method, _target, _host, _requestId, _forwardedFor) = (default, default, default, default, default);
        (Protocol, TlsVersion, AcceptsJson, Route, Dyno, Error, Rule, Activity) = ("http1.1", null, false, null, null, null, null, null);
        (Status, BytesOut, BytesIn, StartedAt, IsUpgraded) = (0, 0, 0, 0, false);
        (Began, Connected, RequestSent, FirstByte, Ended, Connecting, Waited) = (0, 0, 0, 0, 0, null, 0);
    }

    private Slice Add(ReadOnlySpan<byte> text)
    {
        var slice = new Slice(_text.Length, text.Length);
        _text.Write(text);
        return slice;
    }
}
