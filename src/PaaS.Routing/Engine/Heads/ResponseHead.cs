namespace PaaS.Routing;

/// <summary>What a response says about the client's connection.</summary>
internal enum ConnectionWord
{
    /// <summary>Nothing: HTTP/1.1 keeps it.</summary>
    None,
    Close,
    KeepAlive,
    Upgrade,
}

/// <summary>What the router decides on a response's head.</summary>
internal readonly ref struct ResponseHeadFields
{
    /// <summary>What is appended to Via.</summary>
    public required ReadOnlySpan<byte> Via { get; init; }

    /// <summary>The Date line's value, written if the dyno sent none; empty: nothing is written.</summary>
    public required ReadOnlySpan<byte> Date { get; init; }

    public required ConnectionWord Connection { get; init; }

    /// <summary>How the client is told the body's end; <see cref="BodyKind.None"/> and <see cref="BodyKind.UntilClose"/> write nothing.</summary>
    public required BodyFraming Framing { get; init; }

    /// <summary>The dyno's own length or encoding is written in place of <see cref="Framing"/>: HEAD and 304 describe a body that is not sent.</summary>
    public bool RelaysFraming { get; init; }
}

/// <summary>The head of a dyno's response: reads it from bytes, holds where its parts stand, and writes it anew for the client.</summary>
internal sealed class ResponseHead
{
    /// <summary>Reads a head.</summary>
    /// <param name="input">All bytes since the end of the message before.</param>
    /// <param name="limits">The limits.</param>
    public ReadResult Read(ReadOnlySpan<byte> input, HeadLimits limits) => throw new NotImplementedException();

    /// <summary>Why, after <see cref="ReadResult.Refused"/>: H17 or one of H25.</summary>
    public RouterError? Error { get; private set; }

    public int Length { get; private set; }

    public int Status { get; private set; }

    public Slice Reason { get; private set; }

    public bool IsHttp10 { get; private set; }

    /// <summary>The body as the head frames it, without regard to method and status (HEAD, 1xx, 204 and 304 have none).</summary>
    public BodyFraming Body { get; private set; }

    /// <summary>Whether the connection may be used again, as far as the head tells: HTTP/1.1, no <c>Connection: close</c>, no framing doubt.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Seconds of <c>Keep-Alive: timeout=N</c>; null if there is none.</summary>
    public int? KeepAliveSeconds { get; private set; }

    /// <summary>The value of Upgrade, for a 101.</summary>
    public Slice Upgrade { get; private set; }

    /// <summary>The headers that pass to a client, without framing and without what the router writes itself.</summary>
    public PassingHeaders Passing(ReadOnlySpan<byte> input) => throw new NotImplementedException();

    /// <summary>Writes the whole head for a client of HTTP/1.</summary>
    public void WriteTo(ByteBuffer output, ReadOnlySpan<byte> input, in ResponseHeadFields fields) => throw new NotImplementedException();

    /// <summary>Walks over the headers that pass.</summary>
    public ref struct PassingHeaders
    {
        public Slice Name { get; private set; }

        public Slice Value { get; private set; }

        public bool MoveNext() => throw new NotImplementedException();
    }
}
