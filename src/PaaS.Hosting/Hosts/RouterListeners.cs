using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>
/// What listens for the router: plain HTTP, and HTTPS if there is a port for it. Stopping takes no more connections, lets requests go on
/// for the time to drain, and ends what is left then (H24).
/// </summary>
internal sealed class RouterListeners : IAsyncDisposable
{
    private readonly List<Func<ValueTask>> _stops = [];
    private CertificateDirectory? _certificates;

    private RouterListeners()
    {
    }

    /// <summary>Where plain HTTP is answered.</summary>
    public required IPEndPoint Plain { get; init; }

    /// <summary>Where HTTPS is answered; null for nowhere.</summary>
    public IPEndPoint? Https { get; private set; }

    /// <summary>Opens them.</summary>
    /// <param name="router">The router.</param>
    /// <param name="pipeline">The router as an endpoint, for HTTP/2.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="grace">How long requests may go on when they stop.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For the operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ListenerException">A port is taken, or the certificates cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The fast front is asked for, and this is not Linux.</exception>
    public static async Task<RouterListeners> StartAsync(
        PaaSRouter router, RequestDelegate pipeline, RouterListenerOptions options, TimeSpan grace, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var listeners = await StartPlainAsync(router, pipeline, options, grace, loggers, cancellationToken);
        if (options.HttpsPort is { } port)
        {
            try
            {
                await listeners.StartHttpsAsync(router, pipeline, new IPEndPoint(options.Address, port), options.CertificatesDirectory, grace, time, loggers, cancellationToken);
            }
            catch
            {
                await listeners.DisposeAsync();
                throw;
            }
        }

        return listeners;
    }

    /// <summary>All of them at once: the grace is one.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_stops.Select(static stop => stop().AsTask()));
        _certificates?.Dispose();
    }

    private static async Task<RouterListeners> StartPlainAsync(
        PaaSRouter router, RequestDelegate pipeline, RouterListenerOptions options, TimeSpan grace, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var endpoint = new IPEndPoint(options.Address, options.Port);
        if (OperatingSystem.IsLinux() && options.Front != RouterFrontKind.Kestrel)
        {
            var fast = await StartFastAsync(router, endpoint, cancellationToken);
            Func<TimeSpan, CancellationToken, Task> stop = fast.StopAsync;
            return new RouterListeners { Plain = fast.EndPoint, _stops = { () => new ValueTask(stop(grace, CancellationToken.None)) } };
        }

        if (options.Front == RouterFrontKind.Fast)
        {
            throw new PlatformNotSupportedException("The router's fast front needs Linux. Leave PaaSOptions.Router.Front as it is by default, or set it to Kestrel.");
        }

        var kestrel = await HostListener.StartAsync(endpoint, "router", loggers, grace, RouterListener.Configure, listen => listen.UsePaaSRouter(router), pipeline, cancellationToken);
        return new RouterListeners { Plain = kestrel.Endpoint, _stops = { kestrel.DisposeAsync } };
    }

    [SupportedOSPlatform("linux")]
    private static async Task<FastRouterListener> StartFastAsync(PaaSRouter router, IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await FastRouterListener.StartAsync(router, endpoint, cancellationToken: cancellationToken);
        }
        catch (SocketException exception)
        {
            throw ListenerException.Of("router", endpoint, exception);
        }
    }

    private async Task StartHttpsAsync(
        PaaSRouter router, RequestDelegate pipeline, IPEndPoint endpoint, string? directory, TimeSpan grace, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (directory is null)
        {
            throw new ListenerException($"The router cannot listen for HTTPS on {endpoint} without certificates. Name a directory of them: PaaSOptions.Router.CertificatesDirectory, --certificates DIR.");
        }

        var certificates = new RouterCertificates();
        try
        {
            _certificates = CertificateDirectory.Open(directory, new CertificatesInUse(certificates).Set, time, loggers.CreateLogger<CertificateDirectory>());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ListenerException($"The router's certificates cannot be read: {exception.Message} Name a directory that is there and that the host may read.", exception);
        }

        var https = await HostListener.StartAsync(endpoint, "router (HTTPS)", loggers, grace, RouterListener.Configure, Listen, pipeline, cancellationToken);
        _stops.Add(https.DisposeAsync);
        Https = https.Endpoint;

        void Listen(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UsePaaSRouterTls(certificates);
            listen.UsePaaSRouter(router);
        }
    }
}
