using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace PaaS.Runtime.Tests;

/// <summary>What networks leave on the machine: nothing, however they end.</summary>
[Collection(RealProcesses.Name)]
public sealed class OwnNetworksTraceTests : IDisposable
{
    private readonly NetworkScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void On_this_very_machine_they_open_and_leave_nothing()
    {
        var host = Guid.NewGuid();
        using var networks = OwnNetworks.TryOpen(host, out var whyNot);
        Assert.Null(whyNot);
        using (var network = networks!.Create())
        {
            using var listener = network.Inside(static () => NetworkScene.Listen(IPAddress.Any));
            Assert.Equal(SocketError.Success, NetworkScene.Connect(NetworkScene.At(network.Address, listener)));
        }

        networks.Dispose();

        using var netlink = new Netlink();
        Assert.DoesNotContain(netlink.Links().Values, name => name.StartsWith($"paas{host.ToString("N")[..8]}", StringComparison.Ordinal));
        Assert.DoesNotContain(netlink.Routes(), route => route.Destination.Equals(networks.Addresses));
        Assert.DoesNotContain($"paas_{host.ToString("N")[..8]}", NftCommand.Find()!.ListChains(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_pair_goes_at_once_though_a_process_is_still_inside()
    {
        var networks = _scene.Open();
        var network = _scene.On(networks.Create);
        using var process = Sleep(network);
        Assert.Contains(network.Name, _scene.Links());

        _scene.On(network.Dispose);

        Assert.DoesNotContain(network.Name, _scene.Links());
        _scene.On(network.Dispose);
        End(process);
    }

    [Fact]
    public async Task When_the_host_was_killed_the_pair_goes_with_the_last_process()
    {
        // The end of the object here is what the kernel does with a killed host's descriptors: it removes nothing itself.
        var network = _scene.On(() => NetworkScene.Behind("paastest", IPAddress.Parse("198.18.2.1"), IPAddress.Parse("198.18.2.2")));
        using var process = Sleep(network);
        network.Dispose();
        Assert.Contains("paastest", _scene.Links());

        End(process);

        await RealProcesses.Until(() => !_scene.Links().Contains("paastest"), "the interface has gone");
    }

    [Fact]
    public void The_next_host_with_the_same_id_takes_away_what_a_crash_has_left()
    {
        var host = Guid.NewGuid();
        var lost = _scene.Open(host);
        var left = _scene.On(() => Enumerable.Range(0, 3).Select(_ => lost.Create()).ToList());
        var stranger = _scene.Open();
        var strange = _scene.On(stranger.Create);
        Assert.All(left, network => Assert.Contains(network.Name, _scene.Links()));

        PresenceOf(lost).Dispose();
        var next = _scene.Open(host);

        Assert.All(left, network => Assert.DoesNotContain(network.Name, _scene.Links()));
        Assert.Contains(strange.Name, _scene.Links());
        Assert.Equal(lost.Addresses, next.Addresses);
        Assert.Single(_scene.Routes(), route => route.Destination.Equals(next.Addresses));
        Assert.Equal(1, Tables(host));
        _scene.On(left[0].Dispose);
    }

    [Fact]
    public void A_live_hosts_networks_are_left_alone_by_one_with_a_copy_of_its_id()
    {
        var host = Guid.NewGuid();
        var live = _scene.Open(host);
        var network = _scene.On(live.Create);

        var refusal = Assert.Throws<IOException>(() => _scene.Open(host));

        Assert.Contains("alive", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(network.Name, _scene.Links());
        Assert.Equal(1, Tables(host));
    }

    [Fact]
    public void An_end_of_a_network_that_failed_is_tried_again()
    {
        var calls = 0;
        var network = new OwnNetwork(File.OpenHandle("/proc/self/ns/net"), "none", IPAddress.Loopback, () =>
        {
            if (++calls == 1)
            {
                throw new IOException("busy");
            }
        });

        Assert.Throws<IOException>(network.Dispose);
        network.Dispose();
        network.Dispose();

        Assert.Equal(2, calls);
    }

    [Fact]
    public void Any_next_host_takes_away_what_a_killed_one_has_left()
    {
        // What a killed host leaves, without its presence: table and route.
        var lost = Guid.NewGuid();
        var alive = Guid.NewGuid();
        using var live = _scene.Open(alive);
        var network = _scene.On(live.Create);
        _scene.Nft($"table inet paas_{lost.ToString("N")[..8]} {{\n chain input {{\n type filter hook input priority 0;\n }}\n}}\n");

        using var next = _scene.Open();

        Assert.Equal((0, 1), (Tables(lost), Tables(alive)));
        Assert.Contains(network.Name, _scene.Links());
    }

    [Fact]
    public void Disposing_removes_networks_table_and_route()
    {
        var host = Guid.NewGuid();
        var networks = _scene.Open(host);
        var network = _scene.On(networks.Create);

        _scene.On(networks.Dispose);

        Assert.DoesNotContain(network.Name, _scene.Links());
        Assert.DoesNotContain(_scene.Routes(), route => route.Destination.Equals(networks.Addresses));
        Assert.Equal(0, Tables(host));
        _scene.On(networks.Dispose);
        _scene.On(network.Dispose);
        Assert.Throws<ObjectDisposedException>(networks.Create);
    }

    [Fact]
    public void Forwarding_is_switched_on_where_it_is_needed_and_nowhere_else()
    {
        var networks = _scene.Open();
        var network = _scene.On(networks.Create);

        Assert.Equal("0", _scene.On(static () => KernelSetting.ForwardIPv4("all").Read()));
        Assert.Equal("0", _scene.On(static () => KernelSetting.ForwardIPv4("lo").Read()));
        Assert.Equal("1", _scene.On(static () => KernelSetting.ForwardIPv4("eth0").Read()));
        Assert.Equal("1", _scene.On(() => KernelSetting.ForwardIPv4(network.Name).Read()));
    }

    [Fact]
    public void The_machine_becomes_no_router_for_others()
    {
        using var inner = _scene.On(() => NetworkScene.Behind("inner", IPAddress.Parse("198.18.3.1"), IPAddress.Parse("198.18.3.2")));
        using var datagrams = inner.Inside(static () => NetworkScene.Datagrams(IPAddress.Any));
        var end = NetworkScene.At(inner.Address, datagrams);
        using var networks = _scene.Open();

        _scene.Outside.Inside(() => { NetworkScene.Route($"{end.Address}/32", NetworkScene.MachineAddress); return 0; });
        FromOutside(end, "outside");
        _scene.On(() => NetworkScene.SendText(end, "machine"));
        Assert.Equal("machine", NetworkScene.ReceiveText(datagrams));

        // One that has been made a router stays one.
        _scene.On(static () => KernelSetting.ForwardIPv4("all").Write("1"));
        using var next = _scene.Open();
        FromOutside(end, "outside");
        Assert.Equal("outside", NetworkScene.ReceiveText(datagrams));
    }

    [Fact]
    public void A_chain_that_drops_what_is_forwarded_is_named()
    {
        _scene.Nft("table ip filter {\n chain FORWARD {\n type filter hook forward priority filter; policy drop;\n }\n}\n");

        var note = Assert.Single(_scene.Open().Notes, static note => note.Contains("chain", StringComparison.Ordinal));

        Assert.Contains("chain ip filter FORWARD drops", note, StringComparison.Ordinal);
        Assert.Contains("iptables -I FORWARD -i paas+ -j ACCEPT", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_free_addresses_it_says_so()
    {
        _scene.On(static () =>
        {
            NetworkScene.Route("10.0.0.0/8", NetworkScene.OutsideAddress);
            NetworkScene.Route("172.16.0.0/12", NetworkScene.OutsideAddress);
            NetworkScene.Route("192.168.0.0/16", NetworkScene.OutsideAddress);
        });

        var (networks, whyNot) = _scene.On(static () => (OwnNetworks.TryOpen(Guid.NewGuid(), out var whyNot), whyNot));

        Assert.Null(networks);
        Assert.StartsWith("No 1024 addresses in a row of 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are free: the machine's routes lead there. Free a /22 of them.", whyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void A_firewall_that_keeps_the_host_from_its_processes_is_found_out()
    {
        _scene.Nft("table ip strict {\n chain out {\n type filter hook output priority 0;\n ip daddr 10.0.0.0/8 tcp flags syn reject\n }\n}\n");
        var host = Guid.NewGuid();

        var (networks, whyNot) = _scene.On(() => (OwnNetworks.TryOpen(host, out var whyNot), whyNot));

        Assert.Null(networks);
        Assert.Contains("a firewall of this machine is in the way. Let the interfaces paas* through", whyNot, StringComparison.Ordinal);
        Assert.Equal(0, Tables(host));
    }

    /// <summary>What the kernel takes from a killed host.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_presence")]
    private static extern ref readonly Socket PresenceOf(OwnNetworks networks);

    private static Process Sleep(OwnNetwork network) => network.Inside(static () => Process.Start("/bin/sleep", "300"));

    private static void End(Process process)
    {
        process.Kill();
        Assert.True(process.WaitForExit(RealProcesses.Deadline));
    }

    private void FromOutside(IPEndPoint end, string text) => _scene.Outside.Inside(() =>
    {
        NetworkScene.SendText(end, text);
        return 0;
    });

    private int Tables(Guid host) => _scene.Chains().Split('\n').Count(line => line == $"table inet paas_{host.ToString("N")[..8]} {{");
}
