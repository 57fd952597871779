using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// What the packets of processes with a network of their own may do, as commands for <c>nft</c>. The texts are constant but
/// for the host's name, its addresses and the names of the machine's interfaces.
/// </summary>
/// <remarks>The rules speak of the interfaces of every host on the machine, so that each host's table alone keeps all of them apart.</remarks>
internal static class Firewall
{
    /// <summary>What the names of all hosts' interfaces begin with.</summary>
    public const string InterfacePrefix = "paas";

    private const string Gate = "inet paas_ways_out";

    /// <summary>The commands that make a host's table anew, in one step: there is no moment without it.</summary>
    /// <param name="name">The table's name.</param>
    /// <param name="addresses">The host's addresses.</param>
    public static string Table(string name, IPNetwork addresses) => $$"""
        {{Removal(name)}}
        table inet {{name}} {
            # To the machine itself, on whichever of its addresses: only answers.
            chain input {
                type filter hook input priority -10; policy accept;
                iifname != "{{InterfacePrefix}}*" accept
                ct state established,related accept
                meta l4proto tcp reject with tcp reset
                drop
            }

            # Out, but neither to other processes nor to where clouds hand out a machine's credentials. In, only answers.
            chain forward {
                type filter hook forward priority -10; policy accept;
                iifname != "{{InterfacePrefix}}*" oifname != "{{InterfacePrefix}}*" accept
                ct state established,related accept
                iifname "{{InterfacePrefix}}*" oifname != "{{InterfacePrefix}}*" ip daddr != { 169.254.0.0/16, 100.100.100.200, 192.0.0.192 } accept
                meta l4proto tcp reject with tcp reset
                drop
            }

            chain postrouting {
                type nat hook postrouting priority 100; policy accept;
                ip saddr {{addresses}} oifname != "{{InterfacePrefix}}*" masquerade
            }
        }

        """;

    /// <summary>The commands that remove a host's table, whether it is there or not.</summary>
    public static string Removal(string name) => $"""
        add table inet {name}
        delete table inet {name}

        """;

    /// <summary>
    /// The commands to be carried out before forwarding is switched on for an interface: the machine is no router for others
    /// then either, as it was none before. What another program forwards on purpose (destination NAT) is let through. Hosts
    /// share the table, and it stays as long as the setting does: until the machine's next start.
    /// </summary>
    public static string KeepShut(IEnumerable<string> interfaces) => $$"""
        add table {{Gate}}
        add set {{Gate}} names { type ifname; }
        add element {{Gate}} names { {{string.Join(", ", interfaces.Select(static name => $"\"{name}\""))}} }
        add chain {{Gate}} forward { type filter hook forward priority -10; policy accept; }
        flush chain {{Gate}} forward
        add rule {{Gate}} forward ct state established,related accept
        add rule {{Gate}} forward ct status dnat accept
        add rule {{Gate}} forward oifname "{{InterfacePrefix}}*" accept
        add rule {{Gate}} forward iifname @names drop

        """;

    /// <summary>The commands for a machine that has been made a router since: <see cref="KeepShut"/> taken back.</summary>
    public static string Open() => $"""
        add table {Gate}
        delete table {Gate}

        """;

    /// <summary>The tables of all hosts on the machine.</summary>
    /// <param name="chains">What <c>nft list chains</c> printed.</param>
    public static IEnumerable<string> FindHosts(string chains) =>
        chains.Split('\n', StringSplitOptions.TrimEntries)
            .Select(static line => line.Split(' ') is ["table", "inet", var name, "{"] ? name : string.Empty)
            .Where(static name => name.Length == 13 && name.StartsWith("paas_", StringComparison.Ordinal) && name[5..].All(char.IsAsciiHexDigitLower));

    /// <summary>
    /// The chains that drop what is forwarded and not allowed there, such as Docker's. An accept in a table of ours doesn't
    /// bind another's.
    /// </summary>
    /// <param name="chains">What <c>nft list chains</c> printed.</param>
    /// <returns>Each as family, table and chain: <c>ip filter FORWARD</c>.</returns>
    public static IReadOnlyList<string> FindDropping(string chains)
    {
        var found = new List<string>();
        string table = string.Empty, chain = string.Empty;
        foreach (var line in chains.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.Split(' ') is [var kind and ("table" or "chain"), .. var names, "{"])
            {
                (table, chain) = kind == "table" ? (string.Join(' ', names), string.Empty) : (table, string.Join(' ', names));
            }
            else if (line.Contains(" hook forward ", StringComparison.Ordinal) && line.Contains("policy drop", StringComparison.Ordinal) && !table.StartsWith("ip6 ", StringComparison.Ordinal))
            {
                found.Add($"{table} {chain}");
            }
        }

        return found;
    }
}
