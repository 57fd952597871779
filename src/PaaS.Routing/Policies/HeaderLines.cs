using System.Buffers;
using System.Text;

namespace PaaS.Routing;

/// <summary>Takes header lines. Valid during the call only.</summary>
public readonly ref struct HeaderLines
{
    private const int MaxName = 1000;
    private const int MaxValue = 8000;

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n\0"u8);

    private readonly ByteBuffer _output;

    internal HeaderLines(ByteBuffer output) => _output = output;

    /// <summary>Adds a line.</summary>
    /// <param name="name">A token, at most 1,000 bytes. Not one that frames the message, belongs to the connection or is the router's own.</param>
    /// <param name="value">The value, without CR, LF and NUL, at most 8,000 bytes.</param>
    /// <exception cref="ArgumentException">Name or value is not one that can be sent.</exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || name.Length > MaxName || name.ContainsAnyExcept(Token))
        {
            throw new ArgumentException($"A header's name is a token of 1 to {MaxName} bytes, not '{Encoding.Latin1.GetString(name[..Math.Min(name.Length, 100)])}'.", nameof(name));
        }

        if (IsReserved(name))
        {
            throw new ArgumentException($"The router writes '{Encoding.Latin1.GetString(name)}' itself; choose another name.", nameof(name));
        }

        if (value.Length > MaxValue || value.ContainsAny(LineBreaks))
        {
            throw new ArgumentException($"A header's value has at most {MaxValue} bytes and no CR, LF or NUL; that of '{Encoding.Latin1.GetString(name)}' does not.", nameof(value));
        }

        _output.Write(name);
        _output.Write(": "u8);
        _output.Write(value);
        _output.Write("\r\n"u8);
    }

    /// <summary>The value of the first header of this name in a head that the router has written: a first line, and then lines that end with CRLF.</summary>
    internal static bool TryGet(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var end = head.IndexOf("\r\n"u8); end >= 0; end = head.IndexOf("\r\n"u8))
        {
            head = head[(end + 2)..];
            if (head.Length > name.Length && head[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                var line = head[(name.Length + 1)..];
                line = line.IndexOf("\r\n"u8) is var next and >= 0 ? line[..next] : line;
                value = line.Trim(" \t"u8);
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>What tells a message's end or belongs to the connection, where another value would make two readers see two messages, and what the router vouches for.</summary>
    private static bool IsReserved(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Is(name, "TE"u8),
        3 => Is(name, "Via"u8),
        4 => Is(name, "Host"u8) || Is(name, "Date"u8),
        6 => Is(name, "Expect"u8),
        7 => Is(name, "Upgrade"u8) || Is(name, "Trailer"u8),
        10 => Is(name, "Connection"u8) || Is(name, "Keep-Alive"u8),
        12 => Is(name, "X-Request-Id"u8) || Is(name, "Connect-Time"u8),
        14 => Is(name, "Content-Length"u8) || Is(name, "HTTP2-Settings"u8),
        15 => Is(name, "X-Forwarded-For"u8) || Is(name, "X-Request-Start"u8),
        16 => Is(name, "X-Forwarded-Port"u8) || Is(name, "Total-Route-Time"u8) || Is(name, "Proxy-Connection"u8),
        17 => Is(name, "Transfer-Encoding"u8) || Is(name, "X-Forwarded-Proto"u8),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> reserved) => Ascii.EqualsIgnoreCase(name, reserved);
}
