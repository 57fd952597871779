using System.Net;
using System.Net.Sockets;

namespace PaaS.Hosting;

/// <summary>Which addresses are places on the public internet (the special-purpose registries of IANA, and metadata services that stand outside them).</summary>
internal static class PublicInternet
{
    private static readonly AddressRange[] s_special4 =
    [
        Range("0.0.0.0/8"),          // this network, unspecified
        Range("10.0.0.0/8"),         // private
        Range("100.64.0.0/10"),      // carrier-grade NAT, metadata of one cloud
        Range("127.0.0.0/8"),        // loopback
        Range("168.63.129.16/32"),   // metadata of one cloud, though in public space
        Range("169.254.0.0/16"),     // link-local, metadata of most clouds
        Range("172.16.0.0/12"),      // private
        Range("192.0.0.0/24"),       // protocol assignments, metadata of one cloud
        Range("192.0.2.0/24"),       // documentation
        Range("192.88.99.0/24"),     // 6to4 relays
        Range("192.168.0.0/16"),     // private
        Range("198.18.0.0/15"),      // benchmarks
        Range("198.51.100.0/24"),    // documentation
        Range("203.0.113.0/24"),     // documentation
        Range("224.0.0.0/4"),        // multicast
        Range("240.0.0.0/4"),        // reserved, broadcast
    ];

    // Everything outside global unicast is refused at once: loopback, mapped and compatible IPv4, NAT64, ULA, link-local, multicast.
    private static readonly AddressRange s_globalUnicast = Range("2000::/3");

    private static readonly AddressRange[] s_special6 =
    [
        Range("2001::/23"),          // protocol assignments: Teredo, ORCHID, benchmarks
        Range("2001:db8::/32"),      // documentation
        Range("2002::/16"),          // 6to4: carries any IPv4 address
        Range("3fff::/20"),          // documentation
    ];

    public static bool Contains(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !s_special4.Any(range => range.Contains(address)),
        AddressFamily.InterNetworkV6 => address.ScopeId == 0 && s_globalUnicast.Contains(address) && !s_special6.Any(range => range.Contains(address)),
        _ => false,
    };

    private static AddressRange Range(string text) => AddressRange.Parse(text);
}
