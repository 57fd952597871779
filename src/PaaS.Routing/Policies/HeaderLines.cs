using System.Text;

namespace PaaS.Routing;

/// <summary>Takes header lines. Valid during the call only.</summary>
public readonly ref struct HeaderLines
{
    private const int LongestName = 1000;
    private const int LongestValue = 8000;

    private readonly ByteBuffer _output;

    internal HeaderLines(ByteBuffer output) => _output = output;

    /// <summary>Adds a line.</summary>
    /// <param name="name">A token, at most 1,000 bytes. Not one that frames the message, belongs to the connection or is the router's own.</param>
    /// <param name="value">The value, without CR, LF and NUL, at most 8,000 bytes.</param>
    /// <exception cref="ArgumentException">Name or value is not one that can be sent.</exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length > LongestName || !FieldSyntax.IsToken(name))
        {
            throw new ArgumentException($"A header's name is a token of 1 to {LongestName} bytes, not '{Encoding.Latin1.GetString(name[..Math.Min(name.Length, 100)])}'.", nameof(name));
        }

        if (IsReserved(name))
        {
            throw new ArgumentException($"The router writes '{Encoding.Latin1.GetString(name)}' itself; choose another name.", nameof(name));
        }

        if (value.Length > LongestValue || value.ContainsAny((byte)'\r', (byte)'\n', (byte)0))
        {
            throw new ArgumentException($"A header's value has at most {LongestValue} bytes and no CR, LF or NUL; that of '{Encoding.Latin1.GetString(name)}' does not.", nameof(value));
        }

        var writer = new SpanWriter(_output.GetSpan(name.Length + value.Length + 4));
        writer.Write(name);
        writer.Write(": "u8);
        writer.Write(value);
        writer.Write("\r\n"u8);
        _output.Advance(writer.Length);
    }

    /// <summary>Finds a line in a head that the router has written, with its first line.</summary>
    internal static bool TryGet(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var start = head.IndexOf((byte)'\n') + 1; start > 0 && start < head.Length;)
        {
            var line = head[start..];
            var length = line.IndexOf((byte)'\n');
            line = length < 0 ? line : line[..length];
            if (line.Length > name.Length && line[name.Length] == ':' && FieldNames.Is(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].Trim(" \t\r"u8);
                return true;
            }

            start = length < 0 ? head.Length : start + length + 1;
        }

        value = default;
        return false;
    }

    /// <summary>
    /// What tells a message's end or belongs to the connection, where another value would make two readers see two messages, and what the router
    /// vouches for; also in a spelling with <c>_</c>.
    /// </summary>
    private static bool IsReserved(ReadOnlySpan<byte> name) =>
        FieldNames.OfRequest(name) is not (FieldKind.Plain or FieldKind.Accept or FieldKind.ForwardedHost)
        || FieldNames.OfResponse(name) is not (FieldKind.Plain or FieldKind.SetCookie)
        || FieldNames.Is(name, "trailer"u8);
}
