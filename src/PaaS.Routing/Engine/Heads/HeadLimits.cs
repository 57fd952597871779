namespace PaaS.Routing;

/// <summary>How large the parts of a head may be, in bytes without their line end. A limit is exact, however the bytes were cut into segments. The defaults are Heroku's.</summary>
internal sealed record HeadLimits
{
    public static HeadLimits Default { get; } = new();

    public int RequestLine { get; init; } = 8192;

    public int Method { get; init; } = 127;

    public int HeaderLine { get; init; } = 8192;

    public int HeaderName { get; init; } = 1000;

    public int HeaderCount { get; init; } = 1000;

    /// <summary>A request's head in all.</summary>
    public int Head { get; init; } = 128 * 1024;

    /// <summary>A request with both a length and chunks is refused; else its chunks count, and the connection ends behind it.</summary>
    public bool RefusesBothFramings { get; init; }

    public int StatusLine { get; init; } = 8192;

    public int ResponseHeaderLine { get; init; } = 512 * 1024;

    public int ResponseCookieLine { get; init; } = 8192;

    /// <summary>A response's head in all: two of the longest lines and room for the rest.</summary>
    public int ResponseHead { get; init; } = 1200 * 1024;

    /// <summary>How many header lines a response may have.</summary>
    public int ResponseHeaderCount { get; init; } = 10_000;

    /// <summary>The extensions of one chunk, and of all chunks of a body.</summary>
    public int ChunkExtension { get; init; } = 4 * 1024;

    public int ChunkExtensions { get; init; } = 16 * 1024;

    /// <summary>All trailers of a body together.</summary>
    public int Trailers { get; init; } = 16 * 1024;
}
