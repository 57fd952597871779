using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Hosting;

/// <summary>
/// A range of addresses of one family, compared byte by byte. <see cref="IPNetwork.Contains"/> reads an IPv4 address
/// out of a mapped one even for ranges of IPv6, and so takes <c>::ffff:10.0.0.1</c> for a part of <c>2000::/3</c>.
/// </summary>
internal sealed class AddressRange
{
    private readonly byte[] _base;
    private readonly int _bits;

    public AddressRange(IPAddress address) : this(address.GetAddressBytes(), address.GetAddressBytes().Length * 8)
    {
    }

    private AddressRange(byte[] @base, int bits)
    {
        _base = @base;
        _bits = bits;
    }

    public static AddressRange Parse(string text) => TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is no range of addresses.");

    /// <summary>Reads <c>address/bits</c>. Bits of the address past the prefix must be zero: they hint at a slip.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        var parts = text.Split('/');
        if (parts.Length != 2
            || !IPAddress.TryParse(parts[0], out var address)
            || (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        if (bits > bytes.Length * 8 || !Masked(bytes, bits).AsSpan().SequenceEqual(bytes))
        {
            return false;
        }

        range = new AddressRange(bytes, bits);
        return true;
    }

    public bool Contains(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == _base.Length && Masked(bytes, _bits).AsSpan().SequenceEqual(_base);
    }

    private static byte[] Masked(byte[] address, int bits)
    {
        var masked = new byte[address.Length];
        for (var i = 0; i < address.Length; i++)
        {
            var kept = Math.Clamp(bits - (i * 8), 0, 8);
            masked[i] = (byte)(address[i] & (0xff << (8 - kept)));
        }

        return masked;
    }
}
