using System.Net;
using System.Net.Sockets;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class OwnNetworksTests : IDisposable
{
    private readonly NetworkScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void The_host_reaches_what_listens_inside()
    {
        var (_, network) = Create();
        using var listener = network.Inside(static () => NetworkScene.Listen(IPAddress.Any));

        Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(NetworkScene.At(network.Address, listener))));
    }

    [Fact]
    public void Programs_inside_reach_each_other_on_the_loopback_of_either_family()
    {
        var (_, network) = Create();
        foreach (var loopback in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var listener = network.Inside(() => NetworkScene.Listen(loopback));

            Assert.Equal(SocketError.Success, network.Inside(() => NetworkScene.Connect(listener.LocalEndPoint!)));
        }
    }

    [Fact]
    public void A_socket_of_both_families_is_reached_by_the_host()
    {
        var (_, network) = Create();
        using var listener = network.Inside(static () =>
        {
            var both = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            both.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            both.Listen();
            return both;
        });

        Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(NetworkScene.At(network.Address, listener))));
    }

    [Fact]
    public void Another_process_is_out_of_reach_by_connection_and_datagram()
    {
        var (networks, one) = Create();
        var other = _scene.On(networks.Create);
        using var listener = other.Inside(static () => NetworkScene.Listen(IPAddress.Any));
        using var datagrams = other.Inside(static () => NetworkScene.Datagrams(IPAddress.Any));

        Assert.Equal(SocketError.ConnectionRefused, one.Inside(() => NetworkScene.Connect(NetworkScene.At(other.Address, listener))));
        one.Inside(() => { NetworkScene.SendText(NetworkScene.At(other.Address, datagrams), "neighbour"); return 0; });
        _scene.On(() => NetworkScene.SendText(NetworkScene.At(other.Address, datagrams), "host"));
        Assert.Equal("host", NetworkScene.ReceiveText(datagrams));
    }

    [Fact]
    public void Another_hosts_process_is_out_of_reach_too()
    {
        var (first, one) = Create();
        var (second, other) = Create();
        using var listener = other.Inside(static () => NetworkScene.Listen(IPAddress.Any));

        Assert.False(first.Addresses.Contains(second.Addresses.BaseAddress));
        Assert.Equal(SocketError.ConnectionRefused, one.Inside(() => NetworkScene.Connect(NetworkScene.At(other.Address, listener))));
        Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(NetworkScene.At(other.Address, listener))));
    }

    [Fact]
    public void One_host_that_ends_leaves_the_other_apart()
    {
        var (first, _) = Create();
        var (second, one) = Create();
        var other = _scene.On(second.Create);
        using var listener = other.Inside(static () => NetworkScene.Listen(IPAddress.Any));
        using var outside = _scene.Outside.Inside(static () => NetworkScene.Listen(IPAddress.Any));

        _scene.On(first.Dispose);

        Assert.Equal(SocketError.ConnectionRefused, one.Inside(() => NetworkScene.Connect(NetworkScene.At(other.Address, listener))));
        Assert.Equal(SocketError.Success, one.Inside(() => NetworkScene.Connect(NetworkScene.At(NetworkScene.OutsideAddress, outside))));
    }

    [Fact]
    public void The_machine_is_out_of_reach_on_every_address()
    {
        var (networks, network) = Create();
        using var loopback = _scene.On(() => NetworkScene.Listen(IPAddress.Loopback));
        using var any = _scene.On(() => NetworkScene.Listen(IPAddress.Any));
        var end = new AddressBlock(networks.Addresses, TimeProvider.System).Host;

        Assert.Equal(SocketError.ConnectionRefused, network.Inside(() => NetworkScene.Connect(loopback.LocalEndPoint!)));
        foreach (var address in new[] { IPAddress.Loopback, end, NetworkScene.MachineAddress })
        {
            Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(NetworkScene.At(address, any))));
            Assert.Equal(SocketError.ConnectionRefused, network.Inside(() => NetworkScene.Connect(NetworkScene.At(address, any))));
        }
    }

    [Fact]
    public void A_datagram_does_not_reach_the_machine()
    {
        var (_, network) = Create();
        using var datagrams = _scene.On(() => NetworkScene.Datagrams(IPAddress.Any));

        network.Inside(() => { NetworkScene.SendText(NetworkScene.At(NetworkScene.MachineAddress, datagrams), "dyno"); return 0; });
        _scene.On(() => NetworkScene.SendText(NetworkScene.At(NetworkScene.MachineAddress, datagrams), "host"));

        Assert.Equal("host", NetworkScene.ReceiveText(datagrams));
    }

    [Fact]
    public void The_machines_abstract_sockets_are_out_of_reach()
    {
        var (_, network) = Create();
        var end = new UnixDomainSocketEndPoint($"\0paas-test-{Guid.NewGuid():N}");
        using var listener = _scene.On(() =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(end);
            socket.Listen();
            return socket;
        });

        Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(end)));
        Assert.Equal(SocketError.ConnectionRefused, network.Inside(() => NetworkScene.Connect(end)));
    }

    [Fact]
    public void The_outside_is_in_reach_and_sees_the_machines_address()
    {
        var (_, network) = Create();
        using var outside = _scene.Outside.Inside(static () => NetworkScene.Listen(IPAddress.Any));

        Assert.Equal(SocketError.Success, network.Inside(() => NetworkScene.Connect(NetworkScene.At(NetworkScene.OutsideAddress, outside))));
        Assert.Equal(NetworkScene.MachineAddress, NetworkScene.AcceptFrom(outside));
    }

    [Fact]
    public void The_outside_can_not_begin_a_conversation()
    {
        var (networks, network) = Create();
        using var listener = network.Inside(static () => NetworkScene.Listen(IPAddress.Any));

        Assert.Equal(SocketError.ConnectionRefused, _scene.Outside.Inside(() =>
        {
            NetworkScene.Route(networks.Addresses.ToString(), NetworkScene.MachineAddress);
            return NetworkScene.Connect(NetworkScene.At(network.Address, listener));
        }));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    public void Where_clouds_hand_out_credentials_is_out_of_reach(string address)
    {
        // There is such a place: the machine itself gets an answer there.
        using var place = _scene.On(() => NetworkScene.Behind("cloud", IPAddress.Parse("198.18.1.1"), IPAddress.Parse(address)));
        using var listener = place.Inside(static () => NetworkScene.Listen(IPAddress.Any));
        var (_, network) = Create();

        Assert.Equal(SocketError.Success, _scene.On(() => NetworkScene.Connect(NetworkScene.At(IPAddress.Parse(address), listener))));
        Assert.Equal(SocketError.ConnectionRefused, network.Inside(() => NetworkScene.Connect(NetworkScene.At(IPAddress.Parse(address), listener))));
    }

    [Fact]
    public void Nothing_inside_has_an_address_of_the_outer_IPv6()
    {
        var (_, network) = Create();

        var addresses = network.Inside(static () => File.ReadAllText("/proc/thread-self/net/if_inet6"));

        Assert.DoesNotContain("eth0", addresses, StringComparison.Ordinal);
        Assert.DoesNotContain(network.Name, _scene.On(() => File.ReadAllText("/proc/thread-self/net/if_inet6")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_has_gone_can_not_be_reached_and_nobody_else_is()
    {
        var (networks, network) = Create();
        using var listener = network.Inside(static () => NetworkScene.Listen(IPAddress.Any));
        var end = NetworkScene.At(network.Address, listener);
        _scene.On(network.Dispose);

        // Not out by the default route.
        Assert.Equal(SocketError.HostUnreachable, _scene.On(() => NetworkScene.Connect(end)));
        Assert.NotEqual(network.Address, _scene.On(networks.Create).Address);
    }

    [Fact]
    public void Many_are_made_at_once_and_all_differ()
    {
        var networks = _scene.Open();
        var made = _scene.On(() => Enumerable.Range(0, 24).AsParallel().WithDegreeOfParallelism(1).Select(_ => networks.Create()).ToList());

        Assert.Equal(24, made.Select(static n => n.Address).Distinct().Count());
        Assert.Equal(24, made.Select(static n => n.Name).Distinct().Count());
        Assert.All(made, static n => Assert.InRange(n.Name.Length, 1, 15));
        Assert.Equal(24, Interfaces());
    }

    private (OwnNetworks Networks, OwnNetwork Network) Create()
    {
        var networks = _scene.Open();
        return (networks, _scene.On(networks.Create));
    }

    private int Interfaces() => _scene.Links().Count(static name => name.StartsWith(Firewall.InterfacePrefix, StringComparison.Ordinal));
}
