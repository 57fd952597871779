using System.Net;

namespace PaaS.Runtime.Tests;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("nameserver 192.0.2.53\nsearch example.com\noptions ndots:2\n", "nameserver 192.0.2.53\nsearch example.com\noptions ndots:2\n")]
    [InlineData("# local\nnameserver 127.0.0.53\nnameserver\t192.0.2.53 # second\nsortlist 10.0.0.0\n", "nameserver\t192.0.2.53 # second\n")]
    [InlineData("nameserver ::1\nnameserver 2001:db8::53\nnameserver 192.0.2.53\n", "nameserver 192.0.2.53\n")]
    [InlineData("nameserver 127.0.0.53\n", null)]
    [InlineData("nameserver 192.0.2.1\n", null)]
    [InlineData("nameserver 0.0.0.0\nnameserver nonsense\nnameserver\n", null)]
    [InlineData("", null)]
    public void Only_name_servers_that_can_be_reached_from_inside_are_shown_there(string text, string? expected) =>
        Assert.Equal(expected, NameServers.Compose([text], static address => address.Equals(IPAddress.Parse("192.0.2.1"))));

    [Fact]
    public void A_report_says_what_will_bring_trouble()
    {
        var report = new IsolationReport("sandbox", [new IsolationEntry(ProcessIsolation.Network, true)]) { Notes = ["Name a server outside."] };

        Assert.Equal(["yes Network", "note Name a server outside."], report.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(report.Missing);
    }

    [Fact]
    public void The_real_servers_behind_a_local_resolver_are_taken() =>
        Assert.Equal("nameserver 192.0.2.53\n", NameServers.Compose(["nameserver 127.0.0.53\n", "nameserver 192.0.2.53\n"], static _ => false));

    [Fact]
    public void A_chain_that_drops_is_told_from_those_that_do_not()
    {
        const string chains = """
            table ip filter {
            	chain INPUT {
            		type filter hook input priority filter; policy drop;
            	}
            	chain FORWARD {
            		type filter hook forward priority filter; policy drop;
            	}
            	chain DOCKER {
            	}
            }
            table ip6 filter {
            	chain FORWARD {
            		type filter hook forward priority filter; policy drop;
            	}
            }
            table inet ours {
            	chain forward {
            		type filter hook forward priority filter - 10; policy accept;
            	}
            }
            table inet fw {
            	chain pass on {
            		type filter hook forward priority filter; policy drop;
            	}
            }
            """;

        Assert.Equal(["ip filter FORWARD", "inet fw pass on"], Firewall.FindDropping(chains));
    }

    [Fact]
    public void Ways_out_are_interfaces_with_a_default_route_or_a_gateway()
    {
        var links = new Dictionary<int, string> { [1] = "lo", [2] = "eth0", [3] = "lan0", [4] = "wg0", [5] = "odd\"name" };
        NetlinkRoute[] routes =
        [
            new(IPNetwork.Parse("0.0.0.0/0"), NetlinkRoute.Unicast, 3, 0, 2, HasGateway: true),
            new(IPNetwork.Parse("192.0.2.0/24"), NetlinkRoute.Unicast, 2, 0, 2, HasGateway: false),
            new(IPNetwork.Parse("198.51.100.0/24"), NetlinkRoute.Unicast, 2, 0, 3, HasGateway: false),
            new(IPNetwork.Parse("203.0.113.0/24"), NetlinkRoute.Unicast, 4, 0, 4, HasGateway: true),
            new(IPNetwork.Parse("203.0.114.0/24"), NetlinkRoute.Unicast, 4, 0, 5, HasGateway: true),
            new(IPNetwork.Parse("203.0.115.0/24"), NetlinkRoute.Unicast, 4, 0, 6, HasGateway: true),
            new(IPNetwork.Parse("127.0.0.1/32"), NetlinkRoute.Local, 2, 0, 1, HasGateway: false),
        ];

        Assert.Equal(["eth0", "wg0"], WaysOut.Find(routes, links));
    }
}
