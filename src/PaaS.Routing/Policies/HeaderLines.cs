namespace PaaS.Routing;

/// <summary>Takes header lines. Valid during the call only.</summary>
public readonly ref struct HeaderLines
{
    private readonly ByteBuffer _output;

    internal HeaderLines(ByteBuffer output) => _output = output;

    /// <summary>Adds a line.</summary>
    /// <param name="name">A token, at most 1,000 bytes. Not one that frames the message, belongs to the connection or is the router's own.</param>
    /// <param name="value">The value, without CR, LF and NUL, at most 8,000 bytes.</param>
    /// <exception cref="ArgumentException">Name or value is not one that can be sent.</exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    internal static bool TryGet(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();
}
