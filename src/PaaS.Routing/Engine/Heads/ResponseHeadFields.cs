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

    /// <summary>The Date line's value, written if the dyno sent none; empty: nothing is written, as for a 1xx.</summary>
    public required ReadOnlySpan<byte> Date { get; init; }

    /// <summary>What the client is told; <see cref="ConnectionWord.Upgrade"/> comes with the dyno's Upgrade line.</summary>
    public required ConnectionWord Connection { get; init; }

    /// <summary>How the client is told the body's end; <see cref="BodyKind.None"/> and <see cref="BodyKind.UntilClose"/> write nothing.</summary>
    public required BodyFraming Framing { get; init; }

    /// <summary>Lines of the embedder's own, each with its CRLF.</summary>
    public ReadOnlySpan<byte> Extra { get; init; }

    /// <summary>The dyno's own length or encoding is written in place of <see cref="Framing"/>: HEAD and 304 describe a body that is not sent.</summary>
    public bool RelaysFraming { get; init; }
}
