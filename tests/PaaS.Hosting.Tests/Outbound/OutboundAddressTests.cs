using System.Net;

namespace PaaS.Hosting.Tests;

/// <summary>Every way to write a forbidden place, decided without touching the network.</summary>
public sealed class OutboundAddressTests : IDisposable
{
    private readonly OutboundGuard _guard = new(new OutboundOptions { AllowHttp = true }, TimeProvider.System, NoNetwork);

    public static TheoryData<string> ForbiddenHosts =>
    [
        // loopback and unspecified, in every notation that some library reads
        "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7F.0.0.1", "0x7f.1", "0177.0.0.1",
        "0177.0.0.01", "017700000001", "0177.0x0.0.1", "127.0x1", "0x7f.0x0.0x0.0x1", "0", "0.0.0.0", "0x0", "00", "0.0", "0.1.2.3", "127.0.0.0x1",
        // private
        "10.0.0.1", "10.255.255.255", "012.0.0.1", "0xa.1", "167772161", "172.16.0.1", "172.31.255.255", "0xac.16.0.1", "192.168.0.1", "192.168.255.255",
        "0300.0250.0.1", "3232235521", "192.168.1", "0xc0a80001",
        // link-local and metadata
        "169.254.0.1", "169.254.169.254", "169.254.43518", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0xa9.254.0251.254", "168.63.129.16",
        "100.100.100.200", "192.0.0.192",
        // carrier-grade NAT, protocol assignments, documentation, benchmarks, 6to4 relays
        "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.88.99.1",
        // multicast, reserved, broadcast
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "4294967295", "0xffffffff",
        // IPv6: unspecified, loopback, mapped, compatible, translated
        "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]", "[::ffff:32.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:8.8.8.8]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]",
        // IPv6: 6to4, Teredo, ORCHID, benchmarks, documentation, discard
        "[2002:7f00:1::]", "[2002:a00:1::1]", "[2002:a9fe:a9fe::]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:2::1]", "[2001:10::1]", "[2001:20::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]",
        // IPv6: unique local, link-local, site-local, multicast, metadata
        "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fdff:ffff::1]", "[fe80::1]", "[fe80::1%251]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[5f00::1]", "[4000::1]",
    ];

    public static TheoryData<string> ForbiddenUrls =>
    [
        "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "FILE:/etc/passwd", "gopher://example.com/1", "ftp://example.com/x", "dict://example.com/", "ldap://example.com/", "jar:https://example.com!/",
        "data:text/plain,x", "javascript:alert(1)", "ssh://example.com/x", "git://example.com/x", "unix:/run/docker.sock", "ws://example.com/", "netdoc:///etc/passwd",
        "https://user@example.com/", "https://user:password@example.com/", "https://:password@example.com/", "https://example.com@127.0.0.1/", "https://127.0.0.1:80@example.com/",
        "//example.com/x", "/etc/passwd", "example.com/x", "", " ", "https://", "https:///x", "http:", "https://[::1", "https://exa mple.com/", "https://-bad.example/", "https://a..example/",
        "https://1.2.3.4.5/", "https://256.256.256.256/", "https://0x7f.0.0.1.example.0x7f/", "https://127.0.0.1.0/", "https://08.8.8.8/", "https://example.127/", "https://0xfffffffff/",
        "https://１２７.0.0.1/", "https://127。0。0。1/",
        "https://127.0.0.1\t/", "https://127.0.0.1#@example.com/", "https://127.0.0.1?@example.com/", @"https://127.0.0.1\@example.com/", "https://127.0.0.1:443/", "https://127.0.0.1%2f@example.com/",
    ];

    public void Dispose() => _guard.Dispose();

    [Theory]
    [MemberData(nameof(ForbiddenHosts))]
    public async Task A_literal_address_outside_the_public_internet_is_refused(string host)
    {
        foreach (var url in (string[])[$"https://{host}/", $"http://{host}:8080/x?y"])
        {
            Assert.Equal(OutboundFailure.Refused, Assert.Throws<OutboundException>(() => _guard.Check(url)).Failure);

            if (Uri.TryCreate(url, UriKind.Absolute, out var parsed))
            {
                var refusal = await Assert.ThrowsAsync<OutboundException>(() => _guard.FetchAsync(parsed, new OutboundLimits(1, TimeSpan.FromSeconds(20)), CancellationToken.None));
                Assert.Equal(OutboundFailure.Refused, refusal.Failure);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ForbiddenUrls))]
    public void Another_scheme_credentials_or_a_trick_is_refused(string url) =>
        Assert.Equal(OutboundFailure.Refused, Assert.Throws<OutboundException>(() => _guard.Check(url)).Failure);

    [Fact]
    public async Task Digits_in_circles_are_an_address_or_a_name_as_the_system_reads_them_and_refused_either_way()
    {
        using var guard = new OutboundGuard(new OutboundOptions(), TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        var refusal = await Assert.ThrowsAsync<OutboundException>(() => guard.FetchAsync(new Uri("https://①②⑦.⓪.⓪.①/"), new OutboundLimits(1, TimeSpan.FromSeconds(20)), CancellationToken.None));

        Assert.Equal(OutboundFailure.Refused, refusal.Failure);
    }

    [Fact]
    public void A_url_without_end_is_refused() =>
        Assert.Equal(OutboundFailure.Refused, Assert.Throws<OutboundException>(() => _guard.Check("https://example.com/" + new string('a', 3000))).Failure);

    [Fact]
    public void A_refusal_never_repeats_a_password()
    {
        var refusal = Assert.Throws<OutboundException>(() => _guard.Check("https://user:hunter2@example.com/"));

        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com.:8443/a/b?c=d")]
    [InlineData("http://sub_domain.example.com/")]
    [InlineData("https://bücher.example/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://134744072/")]
    [InlineData("https://[2606:4700::1111]/")]
    [InlineData("https://172.32.0.1/")]
    [InlineData("https://100.128.0.1/")]
    [InlineData("https://11.0.0.1/")]
    [InlineData("https://0xcafe.example/")]
    [InlineData("https://127.0.0.1.example.com/")]
    public void A_place_on_the_public_internet_is_taken(string url) => Assert.Equal(url.Contains("134744072", StringComparison.Ordinal) ? "8.8.8.8" : new Uri(url).Host, _guard.Check(url).Host);

    [Fact]
    public void Plain_http_is_refused_unless_the_operator_allows_it()
    {
        using var strict = new OutboundGuard(new OutboundOptions(), TimeProvider.System, NoNetwork);

        Assert.Throws<OutboundException>(() => strict.Check("http://example.com/"));
        Assert.NotNull(_guard.Check("http://example.com/"));
    }

    [Theory]
    [InlineData("10.1.2.3", "https://10.1.2.3/", true)]
    [InlineData("10.1.2.3", "https://10.1.2.4/", false)]
    [InlineData("10.1.0.0/16", "https://10.1.255.1/", true)]
    [InlineData("10.1.0.0/16", "https://10.2.0.1/", false)]
    [InlineData("10.0.0.0/8", "https://[::ffff:10.0.0.1]/", false)]
    [InlineData("127.0.0.1", "https://0x7f.1/", true)]
    [InlineData("fd00::/8", "https://[fd12::1]/", true)]
    [InlineData("::1", "https://[::1]/", true)]
    [InlineData("::1", "https://127.0.0.1/", false)]
    public void The_operators_addresses_and_ranges_are_taken_and_no_others(string allowed, string url, bool taken)
    {
        using var guard = new OutboundGuard(new OutboundOptions { Allowed = { allowed } }, TimeProvider.System, NoNetwork);

        Assert.Equal(taken, Record.Exception(() => guard.Check(url)) is null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.1.0.0/33")]
    [InlineData("10.1.2.3/16")]
    [InlineData("https://git.corp.example")]
    [InlineData("git.corp.example:8080")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.example")]
    public void An_entry_of_the_allow_list_that_cannot_be_read_is_refused_at_start(string entry)
    {
        var refusal = Assert.Throws<FormatException>(() => new OutboundGuard(new OutboundOptions { Allowed = { entry } }, TimeProvider.System));

        Assert.Contains($"'{entry}'", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<IPAddress[]> NoNetwork(string host, CancellationToken cancellationToken) => throw new InvalidOperationException($"'{host}' was looked up.");
}
