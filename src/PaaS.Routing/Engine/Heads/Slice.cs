namespace PaaS.Routing;

/// <summary>A stretch of the bytes that a head was read from. Valid as long as those bytes stand where they stood.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}

/// <summary>What came of an attempt to read something from the bytes there are.</summary>
internal enum ReadResult
{
    /// <summary>It is not whole yet: read again, from the same first byte, when there is more.</summary>
    NeedMore,

    /// <summary>It is whole.</summary>
    Done,

    /// <summary>It can't be accepted, whatever follows.</summary>
    Refused,
}

/// <summary>How the end of a body is told.</summary>
internal enum BodyKind
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By its length.</summary>
    Length,

    /// <summary>By the last chunk.</summary>
    Chunked,

    /// <summary>By the end of the connection (responses only).</summary>
    UntilClose,
}

/// <summary>How a body is framed.</summary>
/// <param name="Kind">How its end is told.</param>
/// <param name="Length">Its length, for <see cref="BodyKind.Length"/>.</param>
internal readonly record struct BodyFraming(BodyKind Kind, long Length = 0);

/// <summary>What a client waits for before it sends its body.</summary>
internal enum Expectation
{
    None,
    Continue,

    /// <summary>Something that no router knows (417).</summary>
    Unknown,
}
