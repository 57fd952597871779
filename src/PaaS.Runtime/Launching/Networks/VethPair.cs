using System.Net;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Runtime;

/// <summary>
/// The making of a network of its own: a namespace, and a pair of interfaces between it and the host's. There is no bridge:
/// what leaves one namespace for another goes through the host's firewall.
/// </summary>
internal static class VethPair
{
    private const string Inside = "eth0";
    private const int LoopbackIndex = 1;
    private const uint Up = 1;

    private const ushort Name = 3;
    private const ushort LinkInfo = 18;
    private const ushort Group = 27;
    private const ushort NamespaceDescriptor = 28;
    private const ushort InfoKind = 1;
    private const ushort InfoData = 2;
    private const ushort Peer = 1;
    private const ushort Address = 1;
    private const ushort LocalAddress = 2;
    private const byte Static = 4;

    /// <summary>Makes it and switches it on.</summary>
    /// <param name="host">A conversation in the host's network.</param>
    /// <param name="name">The name of the host's end.</param>
    /// <param name="group">The group of interfaces that the host's end joins.</param>
    /// <param name="hostAddress">The address of the host's end; every pair's may be the same.</param>
    /// <param name="address">The address inside.</param>
    /// <returns>The descriptor that holds the namespace.</returns>
    /// <exception cref="IOException">The system refused.</exception>
    public static SafeFileHandle Make(Netlink host, string name, int group, IPAddress hostAddress, IPAddress address)
    {
        SafeFileHandle? ns = null;
        try
        {
            // The new namespace is the thread's until the thread ends, so it is a thread of nobody else's.
            Exception? failure = null;
            var thread = new Thread(() =>
            {
                try
                {
                    ns = Fill(host, name, group, hostAddress, address);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    failure = e;
                }
            }, 128 * 1024)
            { IsBackground = true, Name = "PaaS network" };
            thread.Start();
            thread.Join();
            if (failure is not null)
            {
                throw new IOException(failure.Message, failure);
            }

            var index = IndexOf(name);
            KernelSetting.ForwardIPv4(name).Write("1");
            KernelSetting.CheckSource(name).Write("1");
            KernelSetting.DisableIPv6(name).WriteIfThere("1");
            AddAddress(host, index, hostAddress, address);
            host.Change(new NetlinkMessage(NetlinkRequest.NewLink, NetlinkFlags.Acknowledge).Link(index, Up, Up), $"switching on {name}");
            return ns!;
        }
        catch
        {
            Remove(host, name);
            ns?.Dispose();
            throw;
        }
    }

    /// <summary>Removes a pair by its host's end; nothing happens if there is none.</summary>
    public static void Remove(Netlink host, string name) => Remove(host, new NetlinkMessage(NetlinkRequest.DeleteLink, NetlinkFlags.Acknowledge).Link().Text(Name, name), name);

    /// <summary>Removes all pairs of a group, which takes hardly longer than one.</summary>
    public static void RemoveAll(Netlink host, int group) => Remove(host, new NetlinkMessage(NetlinkRequest.DeleteLink, NetlinkFlags.Acknowledge).Link().Number(Group, group), $"group {group}");

    private static void Remove(Netlink host, NetlinkMessage message, string which)
    {
        const int noSuchDevice = 19;
        var error = host.TryChange(message);
        if (error is not 0 and not noSuchDevice)
        {
            throw new NetworkRefusedException($"removing the interface {which}", error);
        }
    }

    private static SafeFileHandle Fill(Netlink host, string name, int group, IPAddress hostAddress, IPAddress address)
    {
        NetworkRefusedException.ThrowIf(NetworkCalls.Unshare(NetworkCalls.NewNetwork) != 0, "making a network namespace (unshare)");
        var ns = File.OpenHandle("/proc/thread-self/ns/net", share: FileShare.ReadWrite);
        try
        {
            // The interface takes it over from here. The loopback keeps its ::1.
            KernelSetting.DisableIPv6("default").WriteIfThere("1");
            host.Change(
                new NetlinkMessage(NetlinkRequest.NewLink, NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive)
                    .Link().Text(Name, name).Number(Group, group)
                    .Nest(LinkInfo, info => info.Text(InfoKind, "veth").Nest(InfoData, data => data
                        .Nest(Peer, peer => peer.Link().Text(Name, Inside).Number(NamespaceDescriptor, (int)ns.DangerousGetHandle())))),
                $"making the pair of interfaces {name}");

            using var inside = new Netlink();
            var index = IndexOf(Inside);
            inside.Change(new NetlinkMessage(NetlinkRequest.NewLink, NetlinkFlags.Acknowledge).Link(LoopbackIndex, Up, Up), "switching on the loopback");
            AddAddress(inside, index, address, hostAddress);
            inside.Change(new NetlinkMessage(NetlinkRequest.NewLink, NetlinkFlags.Acknowledge).Link(index, Up, Up), $"switching on {Inside}");
            inside.Change(
                new NetlinkMessage(NetlinkRequest.NewRoute, NetlinkFlags.Acknowledge | NetlinkFlags.Create)
                    .Route(0, Static, NetlinkRoute.Unicast)
                    .Address(NetlinkRoute.AttributeGateway, hostAddress)
                    .Number(NetlinkRoute.AttributeInterface, index),
                "adding the way out");
            return ns;
        }
        catch
        {
            ns.Dispose();
            throw;
        }
    }

    private static void AddAddress(Netlink netlink, int index, IPAddress own, IPAddress other) =>
        netlink.Change(
            new NetlinkMessage(NetlinkRequest.NewAddress, NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive)
                .AddressOf(index, 32).Address(LocalAddress, own).Address(Address, other),
            $"giving an interface the address {own}");

    private static int IndexOf(string name)
    {
        var index = NetworkCalls.InterfaceIndex(name);
        NetworkRefusedException.ThrowIf(index == 0, $"finding the interface {name}");
        return (int)index;
    }
}
