using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Runtime.Tests;

/// <summary>
/// A machine of its own to be a host on, with the outside at its other end: both are namespaces, so that no test touches the
/// interfaces, the routes or the firewall of the machine that it runs on.
/// </summary>
internal sealed class NetworkScene : IDisposable
{
    public static readonly IPAddress OutsideAddress = IPAddress.Parse("198.18.0.1");
    public static readonly IPAddress MachineAddress = IPAddress.Parse("198.18.0.2");
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly string _link = $"pt{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    public NetworkScene()
    {
        Assert.True(RealProcesses.IsRoot, "Networks are tested as root only.");
        using var netlink = new Netlink();
        var outside = VethPair.Make(netlink, _link, 0, IPAddress.Parse("198.18.255.1"), IPAddress.Parse("198.18.255.2"));
        Outside = new OwnNetwork(outside, _link, OutsideAddress, () => { using var again = new Netlink(); VethPair.Remove(again, _link); });
        Machine = Outside.Inside(() => Behind("machine", OutsideAddress, MachineAddress));
        Machine.Inside(() =>
        {
            // What a namespace begins with follows the real machine's settings.
            KernelSetting.ForwardIPv4("all").Write("0");
            return 0;
        });
    }

    /// <summary>What lies behind the machine's way out.</summary>
    public OwnNetwork Outside { get; }

    /// <summary>The machine.</summary>
    public OwnNetwork Machine { get; }

    /// <summary>Opens a host's networks on the machine.</summary>
    public OwnNetworks Open(Guid? host = null) => On(() =>
    {
        var networks = OwnNetworks.TryOpen(host ?? Guid.NewGuid(), out var whyNot);
        Assert.Null(whyNot);
        return networks!;
    });

    /// <summary>Does something on the machine.</summary>
    public T On<T>(Func<T> work) => Machine.Inside(work);

    /// <summary>Does something on the machine.</summary>
    public void On(Action work) => Machine.Inside(() => { work(); return 0; });

    public IReadOnlyCollection<string> Links() => On(() => { using var netlink = new Netlink(); return netlink.Links().Values; });

    public List<NetlinkRoute> Routes() => On(() => { using var netlink = new Netlink(); return netlink.Routes(); });

    public string Chains() => On(() => NftCommand.Find()!.ListChains());

    public void Nft(string commands) => On(() => NftCommand.Find()!.Apply(commands));

    /// <summary>A further namespace behind the calling thread's.</summary>
    public static OwnNetwork Behind(string name, IPAddress here, IPAddress there)
    {
        using var netlink = new Netlink();
        return new OwnNetwork(VethPair.Make(netlink, name, 0, here, there), name, there, static () => { });
    }

    /// <summary>Leads addresses to a gateway in the calling thread's network.</summary>
    public static void Route(string destination, IPAddress gateway)
    {
        using var netlink = new Netlink();
        var network = IPNetwork.Parse(destination);
        netlink.Change(
            new NetlinkMessage(NetlinkRequest.NewRoute, NetlinkFlags.Acknowledge | NetlinkFlags.Create)
                .Route((byte)network.PrefixLength, 4, NetlinkRoute.Unicast)
                .Address(NetlinkRoute.AttributeDestination, network.BaseAddress)
                .Address(NetlinkRoute.AttributeGateway, gateway),
            "adding a route");
    }

    public static Socket Listen(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)Deadline.TotalMilliseconds };
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    public static Socket Datagrams(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)Deadline.TotalMilliseconds };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public static IPEndPoint At(IPAddress address, Socket listener) => new(address, PortOf(listener));

    /// <summary>Connects from the calling thread's network.</summary>
    public static SocketError Connect(EndPoint end)
    {
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, end is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            socket.Connect(end);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    public static void SendText(IPEndPoint end, string text)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo(Encoding.ASCII.GetBytes(text), end);
    }

    public static string ReceiveText(Socket socket)
    {
        var bytes = new byte[100];
        return Encoding.ASCII.GetString(bytes, 0, socket.Receive(bytes));
    }

    public static IPAddress AcceptFrom(Socket listener)
    {
        Assert.True(listener.Poll(Deadline, SelectMode.SelectRead), "Waited in vain for a connection.");
        using var accepted = listener.Accept();
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address;
    }

    public void Dispose()
    {
        Machine.Dispose();
        Outside.Dispose();
    }
}
