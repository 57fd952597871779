namespace PaaS.Routing;

/// <summary>What <see cref="ChunkedReader.Next"/> found.</summary>
internal enum ChunkStep
{
    /// <summary>All that can be read was read.</summary>
    NeedMore,

    /// <summary>A piece of the body.</summary>
    Data,

    /// <summary>The end of the body, with its trailers.</summary>
    End,

    /// <summary>Not the chunked coding, or beyond a limit: nothing behind it may be read.</summary>
    Bad,
}

/// <summary>
/// Reads a chunked body (RFC 9112, 7.1) strictly: hexadecimal digits, CRLF and nothing else. Extensions are bounded and dropped. It may be fed
/// in pieces of any size, and tells the same body for all of them.
/// </summary>
internal sealed class ChunkedReader
{
    public ChunkedReader(HeadLimits limits) => throw new NotImplementedException();

    /// <summary>The trailer lines that pass, each with its CRLF, after <see cref="ChunkStep.End"/>. Fields that frame, route or authenticate never do.</summary>
    public ReadOnlySpan<byte> Trailers => throw new NotImplementedException();

    /// <summary>Begins a new body.</summary>
    public void Reset() => throw new NotImplementedException();

    /// <summary>Reads on.</summary>
    /// <param name="input">The bytes behind those that were taken.</param>
    /// <param name="taken">How many were taken now: all, unless this is <see cref="ChunkStep.Data"/> or the end.</param>
    /// <param name="data">Where the piece stands in the input.</param>
    public ChunkStep Next(ReadOnlySpan<byte> input, out int taken, out Slice data) => throw new NotImplementedException();
}
