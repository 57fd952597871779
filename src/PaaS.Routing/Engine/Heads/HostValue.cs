using System.Buffers;

namespace PaaS.Routing;

/// <summary>The value of a Host line: a name or an address, and a port if there is one. No user, no path, no blank, no comma.</summary>
internal static class HostValue
{
    /// <summary>The longest host name, a colon and a port, with some room.</summary>
    private const int Longest = 262;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> AddressBytes = SearchValues.Create(".:0123456789ABCDEFabcdef"u8);

    /// <summary>Reads a value.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="host">Where it stands.</param>
    /// <param name="name">The part under which an app is looked up: without port, and without one dot at its end.</param>
    public static bool TryRead(ReadOnlySpan<byte> input, Slice host, out Slice name)
    {
        name = default;
        var text = host.Of(input);
        if (text.IsEmpty || text.Length > Longest)
        {
            return false;
        }

        var end = text[0] == '[' ? AddressLength(text) : text.IndexOfAnyExcept(NameBytes);
        if (end < 0)
        {
            end = text.Length;
        }
        else if (end == 0 || end < text.Length && (text[end] != ':' || text[(end + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')))
        {
            return false;
        }

        if (text[end - 1] == '.')
        {
            end--;
        }

        name = new Slice(host.Start, end);
        return end > 0;
    }

    /// <summary>The length of an IPv6 address with its brackets; 0 if it is none.</summary>
    private static int AddressLength(ReadOnlySpan<byte> text)
    {
        var close = text.IndexOf((byte)']');
        return close > 1 && !text[1..close].ContainsAnyExcept(AddressBytes) ? close + 1 : 0;
    }
}
