using System.Buffers;

namespace PaaS.Runtime;

/// <summary>The interfaces through which the machine reaches others by way of a router, and their forwarding.</summary>
internal static class WaysOut
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@+");

    /// <summary>Finds them by the routes: the default ones, and those with a gateway.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<NetlinkRoute> routes, IReadOnlyDictionary<int, string> links) =>
    [
        .. routes
            .Where(static route => route.Type == NetlinkRoute.Unicast && (route.HasGateway || route.Destination.PrefixLength == 0))
            .Select(route => links.GetValueOrDefault(route.Interface, string.Empty))
            .Where(static name => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters))
            .Distinct(),
    ];

    /// <summary>
    /// Lets answers that arrive on these go on to the processes that wait for them. Where the machine forwards anyway nothing is
    /// done; the setting for all interfaces is never touched.
    /// </summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Open(IReadOnlyList<string> interfaces, NftCommand nft)
    {
        if (KernelSetting.ForwardIPv4("all").Read() == "1")
        {
            nft.Apply(Firewall.Open());
            return;
        }

        var shut = interfaces.Where(static name => KernelSetting.ForwardIPv4(name).Read() == "0").ToList();
        if (shut.Count > 0)
        {
            nft.Apply(Firewall.KeepShut(shut));
            shut.ForEach(static name => KernelSetting.ForwardIPv4(name).Write("1"));
        }
    }
}
