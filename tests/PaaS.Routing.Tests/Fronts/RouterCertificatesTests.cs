using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace PaaS.Routing.Tests;

public class RouterCertificatesTests
{
    [Fact]
    public async Task The_certificate_is_chosen_by_the_name_that_the_client_asks_for()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await TlsRouter.StartAsync(dyno.Endpoint, new RouterCertificates());
        router.Certificates.Set("App.Example.com", TlsRouter.Certificate("app.example.com"));
        router.Certificates.Set("*.example.com", TlsRouter.Certificate("*.example.com"));
        router.Certificates.SetDefault(TlsRouter.Certificate("default.test"));

        Assert.Equal("CN=app.example.com", await router.ShownToAsync("app.example.com"));
        Assert.Equal("CN=app.example.com", await router.ShownToAsync("APP.example.COM"));
        Assert.Equal("CN=*.example.com", await router.ShownToAsync("other.example.com"));
        Assert.Equal("CN=default.test", await router.ShownToAsync("a.b.example.com"));
        Assert.Equal("CN=default.test", await router.ShownToAsync("nobody.test"));
        Assert.Equal("CN=default.test", await router.ShownToAsync(null));
        Assert.Equal(["*.example.com", "app.example.com"], router.Certificates.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_certificate_is_replaced_and_removed_while_connections_are_open()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await TlsRouter.StartAsync(dyno.Endpoint, new RouterCertificates());
        router.Certificates.Set("app.example.com", TlsRouter.Certificate("app.example.com", "old.test"));
        await using var open = await router.ConnectAsync("app.example.com");
        var renewed = TlsRouter.Certificate("app.example.com", "new.test");

        router.Certificates.Set("app.example.com", renewed);

        await using (var next = await router.ConnectAsync("app.example.com"))
        {
            Assert.Equal(renewed.GetCertHashString(), next.RemoteCertificate!.GetCertHashString());
        }

        Assert.True(router.Certificates.Remove("app.example.com"));
        Assert.False(router.Certificates.Remove("app.example.com"));
        await Assert.ThrowsAnyAsync<Exception>(() => router.ConnectAsync("app.example.com"));
        await open.WriteAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n"u8.ToArray(), Limit.Token);
        var answer = new byte[12];
        await open.ReadExactlyAsync(answer, Limit.Token);
        Assert.Equal("HTTP/1.1 200"u8.ToArray(), answer);
    }

    [Fact]
    public async Task A_name_without_a_certificate_can_be_refused()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await TlsRouter.StartAsync(dyno.Endpoint, new RouterCertificates { RefusesUnknownNames = true });
        router.Certificates.SetDefault(TlsRouter.Certificate("default.test"));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => router.ConnectAsync("nobody.test"));

        Assert.True(refused is AuthenticationException or IOException, refused.ToString());
        Assert.Equal("CN=default.test", await router.ShownToAsync(null));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "tls1.2")]
    [InlineData(SslProtocols.Tls13, "tls1.3")]
    public async Task A_request_over_http1_is_served_by_the_routers_own_engine(SslProtocols protocols, string version)
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await StartWithAppAsync(dyno);

        var answer = await router.GetAsync("app.example.com", "app.example.com", protocols);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
        Assert.Matches($" protocol=http1.1 tls=true tls_version={version}$", await router.NextLineAsync());
        Assert.Equal(["https"], dyno.Requests.Single().All("X-Forwarded-Proto"));
        Assert.Equal([$"{router.Port}"], dyno.Requests.Single().All("X-Forwarded-Port"));
        Assert.Equal(["1.1 paas-router"], dyno.Requests.Single().All("Via"));
    }

    [Fact]
    public async Task A_client_that_speaks_http2_gets_it()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await StartWithAppAsync(dyno);
        await using (var both = await router.ConnectAsync("app.example.com", SslProtocols.None, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11))
        {
            Assert.Equal(SslApplicationProtocol.Http2, both.NegotiatedApplicationProtocol);
        }

        using var client = Http2.Client(router.Port);
        var response = await client.GetAsync(new Uri("https://app.example.com/x?y"), Limit.Token);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Limit.Token));
        Assert.Equal("GET /x?y HTTP/1.1", dyno.Requests.Single().Line);
        Assert.Equal(["2.0 paas-router"], dyno.Requests.Single().All("Via"));
        Assert.Matches(" status=200 bytes=5 protocol=http2.0 tls=true tls_version=tls1.[23]$", await router.NextLineAsync());
    }

    [Theory]
    [InlineData("other.test")]
    [InlineData("b.wild.example.com")]
    public async Task A_host_that_the_connection_was_not_made_for_is_H31(string sni)
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await StartWithAppAsync(dyno);
        router.Certificates.SetDefault(TlsRouter.Certificate("default.test"));

        Assert.StartsWith("HTTP/1.1 421 Misdirected Request\r\n", await router.GetAsync(sni, "app.example.com"), StringComparison.Ordinal);

        Assert.StartsWith("at=error code=H31 desc=\"Misdirected Request\" ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dyno.Connections);
    }

    [Fact]
    public async Task A_connection_serves_every_host_of_its_certificate()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await TlsRouter.StartAsync(dyno.Endpoint, new RouterCertificates());
        router.Certificates.Set("app.example.com", TlsRouter.Certificate("app.example.com", "*.wild.example.com"));

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await router.GetAsync("app.example.com", "a.wild.example.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a b")]
    [InlineData("127.0.0.1")]
    [InlineData("b\u00fccher.example")]
    public void A_name_that_no_client_asks_for_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(nameof(name), () => new RouterCertificates().Set(name, TlsRouter.Certificate("a.test")));
        Assert.Throws<ArgumentException>(nameof(name), () => new RouterCertificates().Remove(name));
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused()
    {
        using var certificate = TlsRouter.Certificate("a.test");
        using var withoutKey = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(certificate.RawData);

        Assert.Throws<ArgumentException>("certificate", () => new RouterCertificates().Set("a.test", withoutKey));
        Assert.Throws<ArgumentException>("certificate", () => new RouterCertificates().SetDefault(withoutKey));
    }

    private static async Task<TlsRouter> StartWithAppAsync(RawDyno dyno)
    {
        var certificates = new RouterCertificates();
        certificates.Set("app.example.com", TlsRouter.Certificate("app.example.com"));
        return await TlsRouter.StartAsync(dyno.Endpoint, certificates);
    }
}
