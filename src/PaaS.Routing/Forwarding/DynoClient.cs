using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing;

/// <summary>This router's connections to one dyno, and its memory of whether the dyno could be reached.</summary>
internal sealed class DynoClient : IDisposable
{
    private readonly DynoEndpoint _dyno;
    private readonly RouterOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;
    private long _quarantinedAt;

    public DynoClient(DynoEndpoint dyno, RouterOptions options, TimeProvider time)
    {
        _dyno = dyno;
        _options = options;
        _time = time;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = Timeout.InfiniteTimeSpan, // ConnectAsync has the limit, by the router's clock
            // Servers close a kept connection after as little as 5 s, and a request that meets the closing is lost (H13). The handler
            // looks once a second, so a connection is never used after more than about 3 s of rest.
            PooledConnectionIdleTimeout = options.PoolIdleTimeout,
            PooledConnectionLifetime = options.PoolIdleTimeout == TimeSpan.Zero ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
            // An abandoned response is cut, not read to its end: the dyno shall notice that nobody listens.
            MaxResponseDrainSize = 0,
            ResponseDrainTimeout = TimeSpan.Zero,
#pragma warning disable CA2262 // The unit is KiB, and 512 KiB is meant: Heroku's limit of a header line.
            MaxResponseHeadersLength = 512,
#pragma warning restore CA2262
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        });
    }

    /// <summary>Sends a request and returns when the head of the response is there.</summary>
    public Task<HttpResponseMessage> SendAsync(DynoRequest request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    /// <summary>Leaves the dyno alone for the quarantine time.</summary>
    public void Quarantine() => Volatile.Write(ref _quarantinedAt, _time.GetTimestamp() | 1);

    /// <summary>For how long this router still leaves the dyno alone; zero if it does not.</summary>
    public TimeSpan QuarantineLeft()
    {
        var at = Volatile.Read(ref _quarantinedAt);
        var left = at == 0 ? TimeSpan.Zero : _options.Quarantine - _time.GetElapsedTime(at);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    /// <summary>
    /// The handler connects on behalf of a request, but may serve that request with a connection that came free meanwhile;
    /// then this goes on in the background and reports to a request that no longer listens.
    /// </summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var exchange = ((DynoRequest)context.InitialRequestMessage).ContextExchange;
        var watch = exchange.Watch;
        watch.Turn(Waiting.FirstByte, Waiting.Connect, Timeout.InfiniteTimeSpan);
        var began = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var socket = new Socket(_dyno.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connected = false;
        try
        {
            await socket.ConnectAsync(_dyno.Address, either.Token);
            connected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
        finally
        {
            if (watch.Turn(Waiting.Connect, Waiting.FirstByte, _options.FirstByteTimeout))
            {
                exchange.Connected(_time.GetElapsedTime(began), failed: !connected);
            }

            if (!connected)
            {
                socket.Dispose();
            }
        }
    }
}
