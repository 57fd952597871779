using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>What listens for the router. Stopping them takes no more connections, lets requests go on for the time to drain, and ends what is left then (H24).</summary>
internal sealed class RouterListeners : IAsyncDisposable
{
    private readonly List<Func<ValueTask>> _stops = [];

    private RouterListeners()
    {
    }

    /// <summary>Where plain HTTP is answered.</summary>
    public required IPEndPoint Plain { get; init; }

    /// <summary>Opens them.</summary>
    /// <param name="router">The router.</param>
    /// <param name="pipeline">The router as an endpoint.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="grace">How long requests may go on when they stop.</param>
    /// <param name="loggers">For the operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ListenerException">A port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">The fast front is asked for, and this is not Linux.</exception>
    public static async Task<RouterListeners> StartAsync(PaaSRouter router, RequestDelegate pipeline, RouterListenerOptions options, TimeSpan grace, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (options.Front == RouterFrontKind.Fast || (options.Front == RouterFrontKind.Automatic && OperatingSystem.IsLinux()))
        {
            var fast = await StartFastAsync(router, options, cancellationToken);
            return new RouterListeners { Plain = fast.EndPoint, _stops = { async () => await fast.StopAsync(grace) } };
        }

        var plain = await HostListener.StartAsync(
            new IPEndPoint(options.Address, options.Port), "router", loggers, grace, RouterListener.Configure, listen => listen.UsePaaSRouter(router), pipeline, cancellationToken);
        return new RouterListeners { Plain = plain.Endpoint, _stops = { plain.DisposeAsync } };
    }

    /// <summary>All of them at once: the grace is one.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_stops.Select(static stop => stop().AsTask()));

    private static async Task<FastRouterListener> StartFastAsync(PaaSRouter router, RouterListenerOptions options, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The router's fast front needs Linux. Leave PaaSOptions.Router.Front as it is by default, or set it to Kestrel.");
        }

        var endpoint = new IPEndPoint(options.Address, options.Port);
        try
        {
            return await FastRouterListener.StartAsync(router, endpoint, cancellationToken: cancellationToken);
        }
        catch (SocketException exception)
        {
            throw ListenerException.Of("router", endpoint, exception);
        }
    }
}
