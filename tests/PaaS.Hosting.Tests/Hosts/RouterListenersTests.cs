using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Routing;

namespace PaaS.Hosting.Tests;

public sealed class RouterListenersTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-listeners-");
    private readonly PaaSRouter _router = new(new RouteTable());

    public void Dispose()
    {
        _router.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(RouterFrontKind.Automatic)]
    [InlineData(RouterFrontKind.Fast)]
    [InlineData(RouterFrontKind.Kestrel)]
    public async Task Each_front_answers_until_it_is_stopped(RouterFrontKind front)
    {
        await using var listeners = await StartAsync(new RouterListenerOptions { Port = 0, Front = front });

        var answer = await AskAsync(listeners.Plain);

        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server: Kestrel", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Null(listeners.Https);
        await listeners.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(listeners.Plain));
    }

    [Theory]
    [InlineData(RouterFrontKind.Fast)]
    [InlineData(RouterFrontKind.Kestrel)]
    public async Task A_port_that_is_taken_is_said_with_what_to_do(RouterFrontKind front)
    {
        await using var first = await StartAsync(new RouterListenerOptions { Port = 0, Front = front });

        var exception = await Assert.ThrowsAsync<ListenerException>(() => StartAsync(new RouterListenerOptions { Port = first.Plain.Port, Front = front }));

        Assert.StartsWith($"The router cannot listen on 127.0.0.1:{first.Plain.Port}: ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Choose another port, or stop what holds it.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTPS_needs_certificates_and_what_is_missing_is_said()
    {
        var none = await Assert.ThrowsAsync<ListenerException>(() => StartAsync(new RouterListenerOptions { Port = 0, HttpsPort = 0 }));
        Assert.Contains("--certificates DIR", none.Message, StringComparison.Ordinal);

        var missing = Path.Combine(_directory.FullName, "missing");
        var lost = await Assert.ThrowsAsync<ListenerException>(() => StartAsync(new RouterListenerOptions { Port = 0, HttpsPort = 0, CertificatesDirectory = missing }));
        Assert.Contains(missing, lost.Message, StringComparison.Ordinal);

        await using var listeners = await StartAsync(new RouterListenerOptions { Port = 0, HttpsPort = 0, CertificatesDirectory = _directory.FullName });
        Assert.NotNull(listeners.Https);
        var taken = await Assert.ThrowsAsync<ListenerException>(() => StartAsync(new RouterListenerOptions { Port = 0, HttpsPort = listeners.Https.Port, CertificatesDirectory = _directory.FullName }));
        Assert.Contains($"127.0.0.1:{listeners.Https.Port}", taken.Message, StringComparison.Ordinal);
    }

    private Task<RouterListeners> StartAsync(RouterListenerOptions options) =>
        RouterListeners.StartAsync(_router, _router.ToRequestDelegate(), options, TimeSpan.FromSeconds(5), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private static async Task<string> AskAsync(IPEndPoint router)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(router);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(Eventually.Deadline);
    }
}
