using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace PaaS.Routing.Tests;

/// <summary>A router behind TLS, as a host sets it up: its own engine for HTTP/1.1, the pipeline for HTTP/2.</summary>
internal sealed class TlsRouter : IAsyncDisposable
{
    private readonly WebApplication _server;
    private long _read;

    private TlsRouter(WebApplication server, RouterCertificates certificates, LogStream logs)
    {
        _server = server;
        Certificates = certificates;
        Logs = logs;
        Port = RouterUnderTest.PortOf(server);
    }

    public RouterCertificates Certificates { get; }

    public LogStream Logs { get; }

    public int Port { get; }

    public static async Task<TlsRouter> StartAsync(DynoEndpoint dyno, RouterCertificates certificates)
    {
        var logs = new LogStream();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            RouterListener.Configure(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UsePaaSRouterTls(certificates);
                listen.UsePaaSRouter();
            });
        });
        builder.Services.AddPaaSRouter();
        var server = builder.Build();
        server.MapPaaSRouter();
        server.Services.GetRequiredService<RouteTable>().Set(
            new AppRoute(AppId.New(), AppName.Parse("app"), ["app.example.com", "*.wild.example.com"], WebState.Up, [dyno], logs));
        await server.StartAsync();
        return new TlsRouter(server, certificates, logs);
    }

    public static X509Certificate2 Certificate(params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>Shakes hands as a client that trusts everybody.</summary>
    public async Task<SslStream> ConnectAsync(string? name, SslProtocols protocols = SslProtocols.None, params SslApplicationProtocol[] alpn)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, Limit.Token);
#pragma warning disable CA5359 // The tests look at the certificate themselves.
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = name, EnabledSslProtocols = protocols, ApplicationProtocols = alpn.Length == 0 ? null : [.. alpn] },
            Limit.Token);
        return stream;
    }

    /// <summary>The name in the certificate that a client is shown.</summary>
    public async Task<string> ShownToAsync(string? name)
    {
        await using var stream = await ConnectAsync(name);
        return stream.RemoteCertificate!.Subject;
    }

    /// <summary>Sends one request over HTTP/1.1 and reads to the close.</summary>
    public async Task<string> GetAsync(string sni, string host, SslProtocols protocols = SslProtocols.None)
    {
        await using var stream = await ConnectAsync(sni, protocols, SslApplicationProtocol.Http11);
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), Limit.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Limit.Token);
    }

    public async Task<string> NextLineAsync()
    {
        await foreach (var line in Logs.TailAsync(new LogTail { After = _read, Follow = true }, Limit.Token))
        {
            _read = line.Number;
            return Encoding.Latin1.GetString(line.Text.Span);
        }

        throw new InvalidOperationException("The log has ended.");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
