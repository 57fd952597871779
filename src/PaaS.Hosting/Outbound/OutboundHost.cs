using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace PaaS.Hosting;

/// <summary>
/// Reads the host of a URL: an address, or a name that no resolver takes for an address. The old forms of IPv4
/// (<c>0x7f.1</c>, <c>2130706433</c>, <c>0177.0.0.1</c>) are addresses to some libraries and names to others, so
/// they are read here once and never handed on.
/// </summary>
internal static class OutboundHost
{
    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public static bool TryParseAddress(string host, [NotNullWhen(true)] out IPAddress? address)
    {
        var text = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(text, out address);
        }

        var parts = text.TrimEnd('.').Split('.');
        address = null;
        if (parts.Length > 4)
        {
            return false;
        }

        ulong value = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            // The last part fills all bytes that are left: 127.1 is 127.0.0.1.
            var bits = i == parts.Length - 1 ? 8 * (5 - parts.Length) : 8;
            if (!TryParseNumber(parts[i], out var number) || number >> bits != 0)
            {
                return false;
            }

            value = (value << bits) | number;
        }

        address = new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
        return true;
    }

    /// <summary>Whether the text is a DNS name in ASCII whose last label is no number, in any base.</summary>
    public static bool IsName(string host)
    {
        var text = host.EndsWith('.') ? host[..^1] : host;
        if (text.Length is 0 or > 253 || text.AsSpan().ContainsAnyExcept(s_nameCharacters))
        {
            return false;
        }

        var labels = text.Split('.');
        return labels.All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-')
            && !labels[^1].All(char.IsAsciiDigit)
            && !labels[^1].StartsWith("0x", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryParseNumber(string text, out ulong number)
    {
        number = 0;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return text.Length is 2 or <= 18 && (text.Length == 2 || ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number));
        }

        if (text.Length is 0 or > 22 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var octal = text[0] == '0';
        foreach (var digit in text)
        {
            if (octal && digit > '7')
            {
                return false;
            }

            number = (number * (octal ? 8u : 10u)) + (ulong)(digit - '0');
            if (number > uint.MaxValue)
            {
                return false;
            }
        }

        return true;
    }
}
