using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Runtime;

/// <summary>
/// The networks of one host's sandboxed processes: each its own, with a way out through address translation, and none to the
/// machine, its other addresses or each other. The host reaches all of them. Needs root, <c>nft</c> and a kernel with
/// network namespaces.
/// </summary>
/// <remarks>
/// What it sets on the machine: an nftables table of its name, a route that makes its unused addresses unreachable, and
/// forwarding on the interfaces that lead out, where it is off (<see cref="WaysOut"/>). Table and route go when it is
/// disposed; after a crash the next host on the machine takes them away.
/// </remarks>
internal sealed class OwnNetworks : IDisposable
{
    private const byte RouteProtocol = 119;
    private const int NoSuchProcess = 3;
    private static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(5);

    /// <summary>Another host that looks for what lost ones have left may hold a name for a moment.</summary>
    private static readonly TimeSpan PresencePatience = TimeSpan.FromSeconds(2);

    private readonly NftCommand _nft;
    private readonly AddressBlock _block;
    private readonly string _prefix;
    private readonly string _table;
    private readonly int _group;
    private readonly Socket _presence;
    private bool _disposed;

    private OwnNetworks(Guid host, NftCommand nft, TimeProvider time, Socket presence)
    {
        var name = NameOf(host);
        _nft = nft;
        _prefix = Firewall.InterfacePrefix + name;
        _table = TableOf(host);
        _group = GroupOf(name);
        _presence = presence;
        try
        {
            using var netlink = new Netlink();
            Sweep(netlink, _group);
            SweepLost(netlink);
            var routes = netlink.Routes();
            _block = new AddressBlock(ChooseBlock(host, routes), time);
            _nft.Apply(Firewall.Table(_table, _block.Network));
            netlink.Change(UnusedAddresses(NetlinkRequest.NewRoute, NetlinkFlags.Create | NetlinkFlags.Exclusive, _block.Network, _group), $"adding a route for {_block.Network}");
            WaysOut.Open(WaysOut.Find(routes, netlink.Links()), nft);
            ResolvConf = NameServers.Compose(ReadNameServers(), address => routes.Exists(route => route.Type == NetlinkRoute.Local && route.Destination.Contains(address)));
            Notes = [.. Note()];
            Prove();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The addresses of the processes.</summary>
    public IPNetwork Addresses => _block.Network;

    /// <summary>The text for <c>/etc/resolv.conf</c> inside; <see langword="null"/> if names can't be resolved there (<see cref="Notes"/> say why).</summary>
    public string? ResolvConf { get; }

    /// <summary>What won't work on this machine all the same, and how to mend it.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Takes away what a crashed host of the same id has left, and finds out by trying whether all that is needed is permitted.</summary>
    /// <param name="host">The host's id. Two hosts on one machine have different ones.</param>
    /// <param name="whyNot">What is missing and how to mend it.</param>
    /// <param name="time">The clock.</param>
    /// <returns><see langword="null"/> if processes can have no network of their own on this machine.</returns>
    /// <exception cref="IOException">A live host of this id is on the machine. Nothing of its has been touched.</exception>
    public static OwnNetworks? TryOpen(Guid host, out string? whyNot, TimeProvider? time = null)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            whyNot = "The host isn't root. Run it as root.";
            return null;
        }

        if (NftCommand.Find() is not { } nft)
        {
            whyNot = "The program nft isn't installed. Install nftables (apt-get install nftables).";
            return null;
        }

        var presence = BePresent(TableOf(host));
        try
        {
            whyNot = null;
            return new OwnNetworks(host, nft, time ?? TimeProvider.System, presence);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProcessStartException or SocketException)
        {
            whyNot = $"{e.Message.TrimEnd('.')}. It takes a kernel with network namespaces, veth and nftables with NAT, and the capabilities CAP_NET_ADMIN and CAP_SYS_ADMIN.";
            return null;
        }
    }

    /// <summary>Makes a network for a process.</summary>
    /// <exception cref="ProcessStartException">No address is free, or the system refused.</exception>
    public OwnNetwork Create()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var index = _block.Take();
        var name = $"{_prefix}{index:x3}";
        var address = _block.At(index);
        try
        {
            using var netlink = new Netlink();
            return new OwnNetwork(VethPair.Make(netlink, name, _group, _block.Host, address), name, address, () => Remove(name, index));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _block.Return(index);
            throw new ProcessStartException($"A process's network could not be made: {e.Message}", e);
        }
    }

    /// <summary>Removes all networks, the firewall's table and the route.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            // Whatever can't be removed is the next host's to sweep, which may have this one's id.
            using var presence = _presence;
            using var netlink = new Netlink();
            Sweep(netlink, _group);
            _nft.Apply(Firewall.Removal(_table));
        }
    }

    private static IPNetwork ChooseBlock(Guid host, IReadOnlyList<NetlinkRoute> routes)
    {
        var used = routes.Select(static route => route.Destination).Where(static network => network.PrefixLength > 0)
            .Concat(ReadNameServers().SelectMany(NameServers.Find).Where(static a => a.AddressFamily == AddressFamily.InterNetwork).Select(static a => new IPNetwork(a, 32)))
            .ToList();
        return AddressBlock.Choose(host, used)
            ?? throw new IOException($"No {1 << (32 - AddressBlock.Prefix)} addresses in a row of 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are free: the machine's routes lead there. Free a /{AddressBlock.Prefix} of them");
    }

    private static IEnumerable<string> ReadNameServers() => NameServers.Files.Where(File.Exists).Select(File.ReadAllText);

    private void Remove(string name, int index)
    {
        using var netlink = new Netlink();
        VethPair.Remove(netlink, name);
        _block.Return(index);
    }

    /// <summary>The number by which the kernel tells the host's interfaces and routes from others'.</summary>
    private static int GroupOf(string name) => (int)(uint.Parse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> 1) | 1;

    private static string NameOf(Guid host) => host.ToString("N")[..8];

    private static string TableOf(Guid host) => $"paas_{NameOf(host)}";

    private static Socket BePresent(string table)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryBePresent(table) is { } socket)
            {
                return socket;
            }

            if (TimeProvider.System.GetElapsedTime(start) > PresencePatience)
            {
                throw new IOException($"A host that is alive has the same id: its networks are those of the nftables table {table}. Stop that host, or, should this one's records be a copy of its records, delete the file 'host' of the copy.");
            }

            Thread.Sleep(20);
        }
    }

    /// <summary>Takes a name that the kernel gives free when this process ends, however it ends.</summary>
    /// <returns><see langword="null"/> if a live process has it.</returns>
    private static Socket? TryBePresent(string table)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0{table}"));
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>What hosts that were killed have left, whose data may be gone with them, so that none with their id ever comes.</summary>
    private void SweepLost(Netlink netlink)
    {
        foreach (var table in Firewall.FindHosts(_nft.ListChains()).Where(table => table != _table))
        {
            using var presence = TryBePresent(table);
            if (presence is not null)
            {
                Sweep(netlink, GroupOf(table[^8..]));
                _nft.Apply(Firewall.Removal(table));
            }
        }
    }

    private static void Sweep(Netlink netlink, int group)
    {
        VethPair.RemoveAll(netlink, group);
        foreach (var route in netlink.Routes().Where(route => route is { Type: NetlinkRoute.Unreachable, Protocol: RouteProtocol } && route.Priority == (uint)group))
        {
            var error = netlink.TryChange(UnusedAddresses(NetlinkRequest.DeleteRoute, 0, route.Destination, group));
            if (error is not 0 and not NoSuchProcess)
            {
                throw new NetworkRefusedException($"removing the route for {route.Destination}", error);
            }
        }
    }

    /// <summary>A late request for a process that has gone fails at once, and leaves the machine by no way. Another host sees that the addresses are taken.</summary>
    private static NetlinkMessage UnusedAddresses(NetlinkRequest request, NetlinkFlags flags, IPNetwork network, int group) =>
        new NetlinkMessage(request, NetlinkFlags.Acknowledge | flags)
            .Route((byte)network.PrefixLength, RouteProtocol, NetlinkRoute.Unreachable)
            .Address(NetlinkRoute.AttributeDestination, network.BaseAddress)
            .Number(NetlinkRoute.AttributePriority, group);

    private IEnumerable<string> Note()
    {
        if (ResolvConf is null)
        {
            yield return $"Names can't be resolved in a network of its own: {NameServers.Files[0]} names no server outside this machine with an IPv4 address. Name one there.";
        }

        foreach (var chain in Firewall.FindDropping(_nft.ListChains()))
        {
            yield return $"The firewall's chain {chain} drops forwarded packets that it has no rule for, as Docker sets it: a network of its own may have no way out. Let the interfaces {Firewall.InterfacePrefix}* through there (iptables -I FORWARD -i {Firewall.InterfacePrefix}+ -j ACCEPT; iptables -I FORWARD -o {Firewall.InterfacePrefix}+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT).";
        }
    }

    /// <summary>Makes a network and connects to a socket in it: a firewall of the machine's may forbid what the kernel permits.</summary>
    private void Prove()
    {
        using var network = Create();
        using var listener = new Socket(new SafeSocketHandle((nint)network.Inside(Listen), ownsHandle: true));
        var end = new IPEndPoint(network.Address, ((IPEndPoint)listener.LocalEndPoint!).Port);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Blocking = false;
        try
        {
            client.Connect(end);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way: its outcome is what the wait is for.
        }

        var answered = client.Poll(ProofTime, SelectMode.SelectWrite);
        var error = (SocketError)(int)client.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (!answered || error != SocketError.Success)
        {
            throw new IOException($"The host can't reach {end}, which is in a network of its own ({(answered ? error.ToString() : "no answer")}): a firewall of this machine is in the way. Let the interfaces {Firewall.InterfacePrefix}* through");
        }
    }

    /// <summary>By the system's calls alone: .NET's own sockets may start threads, which would be born into this network and keep the host's later sockets there.</summary>
    private static int Listen()
    {
        const int internet = 2;
        const int stream = 1;
        var socket = NetworkCalls.Socket(internet, stream | Libc.OpenCloseOnExec, 0);
        NetworkRefusedException.ThrowIf(socket < 0, "making a socket");
        NetworkRefusedException.ThrowIf(NetworkCalls.Listen(socket, 1) != 0, "listening");
        return socket;
    }
}
