namespace PaaS.Routing;

/// <summary>Why a request was refused before any lookup. The connection is closed after the answer, so that no later byte of it is ever interpreted.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Reason">What is wrong, in words for whoever sent it.</param>
internal sealed record RequestRefusal(int Status, string Reason);

/// <summary>What the router adds to a request's head.</summary>
internal readonly ref struct RequestHeadFields
{
    /// <summary>The client's address as text, appended to X-Forwarded-For.</summary>
    public required ReadOnlySpan<byte> Peer { get; init; }

    /// <summary>Whether the client's connection is encrypted.</summary>
    public required bool IsTls { get; init; }

    /// <summary>X-Forwarded-Port.</summary>
    public required int Port { get; init; }

    /// <summary>X-Request-Id.</summary>
    public required ReadOnlySpan<byte> RequestId { get; init; }

    /// <summary>X-Request-Start: Unix milliseconds at which the head was complete.</summary>
    public required long StartedAt { get; init; }

    /// <summary>What is appended to Via: <c>1.1 paas-router</c>.</summary>
    public required ReadOnlySpan<byte> Via { get; init; }

    /// <summary>Replaces the client's traceparent; empty: that one passes.</summary>
    public ReadOnlySpan<byte> TraceParent { get; init; }

    /// <summary>Expect goes to the dyno instead of being answered here.</summary>
    public bool PassExpect { get; init; }

    /// <summary>X-Forwarded-Host and X-Forwarded-By of the client are dropped.</summary>
    public bool DropForwardedHost { get; init; }
}

/// <summary>
/// The head of a request: reads it from bytes, holds where its parts stand, and writes it anew for a dyno. It is kept by its
/// connection and used for one request after the other; nothing is allocated per request.
/// </summary>
internal sealed class RequestHead
{
    /// <summary>Reads a head. Leading empty lines, up to 5, belong to it.</summary>
    /// <param name="input">All bytes since the end of the message before.</param>
    /// <param name="limits">The limits.</param>
    public ReadResult Read(ReadOnlySpan<byte> input, HeadLimits limits) => throw new NotImplementedException();

    /// <summary>Why, after <see cref="ReadResult.Refused"/>.</summary>
    public RequestRefusal? Refusal { get; private set; }

    /// <summary>All its bytes, with the empty line at its end.</summary>
    public int Length { get; private set; }

    public Slice Method { get; private set; }

    /// <summary>The target as received, for the log line.</summary>
    public Slice Target { get; private set; }

    /// <summary>The target in origin form, as the dyno gets it: without scheme and authority, without fragment; <c>*</c> for OPTIONS *. Empty: <c>/</c>.</summary>
    public Slice Path { get; private set; }

    /// <summary>The value of the one Host line.</summary>
    public Slice Host { get; private set; }

    /// <summary>The part of <see cref="Host"/> under which the app is looked up: no port, no trailing dot; case as received.</summary>
    public Slice HostName { get; private set; }

    public bool IsHttp10 { get; private set; }

    public BodyFraming Body { get; private set; }

    /// <summary>Whether the client wishes and may have another request on this connection. False also with both framings (RFC 9112, 6.1).</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>The protocol of an upgrade that may be passed on; empty if there is none. Never h2c.</summary>
    public Slice Upgrade { get; private set; }

    public Expectation Expect { get; private set; }

    /// <summary>GET, HEAD, OPTIONS or TRACE, without a body: may be sent again on a fresh connection if a pooled one died unanswered.</summary>
    public bool IsReplayable { get; private set; }

    public bool IsHead { get; private set; }

    /// <summary>The client's request id, if there is exactly one line and it is in order; else empty.</summary>
    public Slice RequestId { get; private set; }

    /// <summary>The traceparent line's value, if there is exactly one.</summary>
    public Slice TraceParent { get; private set; }

    /// <summary>Whether an error is to be told in JSON: Accept names application/json and not text/html.</summary>
    public bool AcceptsJson { get; private set; }

    /// <summary>The value of the first line with this name.</summary>
    /// <param name="input">What the head was read from.</param>
    /// <param name="name">In any case.</param>
    /// <param name="value">The value.</param>
    public bool TryGetHeader(ReadOnlySpan<byte> input, ReadOnlySpan<byte> name, out Slice value) => throw new NotImplementedException();

    /// <summary>Writes the X-Forwarded-For that the dyno gets: the client's lines joined in order, then its address.</summary>
    public void WriteForwardedFor(ByteBuffer output, ReadOnlySpan<byte> input, ReadOnlySpan<byte> peer) => throw new NotImplementedException();

    /// <summary>
    /// Writes the head for a dyno: request line, the client's headers that pass, ours, the body's framing. Not written, for it differs from one
    /// attempt to the next (<see cref="RequestHeadTail"/>): Connect-Time, Total-Route-Time, Connection, Upgrade and the empty line.
    /// </summary>
    public void WriteTo(ByteBuffer output, ReadOnlySpan<byte> input, in RequestHeadFields fields) => throw new NotImplementedException();
}
