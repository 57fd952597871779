using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using PaaS.Routing;

namespace PaaS.Hosting.Tests;

/// <summary>What the router shows at a handshake follows what is set.</summary>
public sealed class CertificatesInUseTests : IAsyncLifetime
{
    private readonly RouterCertificates _router = new();
    private readonly CertificatesInUse _certificates;
    private WebApplication _server = null!;

    public CertificatesInUseTests() => _certificates = new CertificatesInUse(_router);

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0, listen => listen.UsePaaSRouterTls(_router)));
        _server = builder.Build();
        await _server.StartAsync();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_name_that_is_added_replaced_or_removed_is_so_at_the_next_handshake()
    {
        using var one = Make("one");
        using var two = Make("two");
        using var fallback = Make("fallback");
        _certificates.Set([new("www.example.com", one, []), new("", fallback, [])]);
        Assert.Equal(("CN=one", "CN=fallback"), (await ShownAsync("www.example.com"), await ShownAsync("new.example.com")));

        _certificates.Set([new("www.example.com", two, []), new("new.example.com", one, []), new("", fallback, [])]);
        Assert.Equal(("CN=two", "CN=one"), (await ShownAsync("www.example.com"), await ShownAsync("new.example.com")));

        _certificates.Set([new("new.example.com", one, [])]);
        Assert.Equal("CN=one", await ShownAsync("new.example.com"));
        await Assert.ThrowsAnyAsync<Exception>(() => ShownAsync("www.example.com"));
    }

    private async Task<string> ShownAsync(string name)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(_server.Urls.Single()).Port);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        }).WaitAsync(Eventually.Deadline);
        return tls.RemoteCertificate!.Subject;
    }

    private static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
