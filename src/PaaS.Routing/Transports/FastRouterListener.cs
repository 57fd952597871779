using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The router's fast front, on Linux: plain HTTP/1.1 on event loops of its own, without Kestrel and the thread pool. It costs less processor time for a
/// request than nginx, and less than 3 KiB for an idle connection. For TLS, HTTP/2 and other systems there are the fronts on Kestrel.
/// </summary>
/// <remarks>
/// A client's connection belongs to the loop that has the fewest. A policy that waits or computes holds up its loop with all the connections on it.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class FastRouterListener : IAsyncDisposable
{
    /// <summary>Timers know no longer ones.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly RouterEngine _engine;
    private readonly EventLoop[] _loops;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cutOff = new();
    private readonly TaskCompletionSource _allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _stopped;
    private volatile bool _isStopping;
    private bool _isHurried;
    private int _clients;
    private int _turnedAway;

    private FastRouterListener(RouterEngine engine, IPEndPoint endpoint, FastRouterListenerOptions options, ClientFactory makeClient)
    {
        _engine = engine;
        MakeClient = makeClient;
        TooManyConnections = Response(RequestRecorder.TooManyConnections());
        Socket = new ListeningSocket(endpoint, options.Backlog);
        PublicPort = engine.Options.PublicPort ?? Socket.EndPoint.Port;
        _loops = MakeLoops(engine, options.Loops);
    }

    /// <summary>Makes the machine that speaks with a client.</summary>
    internal delegate IClientLinkHandler ClientFactory(Lane lane, Link link, ClientInfo client);

    /// <summary>Where it listens. With port 0 asked for, this has the port that the system chose.</summary>
    public IPEndPoint EndPoint => Socket.EndPoint;

    internal ClientFactory MakeClient { get; }

    internal ListeningSocket Socket { get; }

    /// <summary>The port that apps are told.</summary>
    internal int PublicPort { get; }

    /// <summary>What a client gets that is one too many.</summary>
    internal byte[] TooManyConnections { get; }

    /// <summary>How many clients there are, on all loops.</summary>
    internal int Clients => Volatile.Read(ref _clients);

    /// <summary>How many of them are only there to hear that they are too many.</summary>
    internal int TurnedAway => Volatile.Read(ref _turnedAway);

    internal IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>Listens, and routes what comes in.</summary>
    /// <param name="router">The router. Several listeners may share one.</param>
    /// <param name="endpoint">Where; port 0: the system chooses one. <see cref="IPAddress.IPv6Any"/> takes IPv4 clients, too.</param>
    /// <param name="options">How many event loops, and the backlog.</param>
    /// <param name="cancellationToken">Cancels the start; afterwards it does nothing.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="SocketException">The address can't be listened to: it is in use, not this machine's, or not allowed.</exception>
    /// <exception cref="IOException">The system gives no descriptors for event loops.</exception>
    public static Task<FastRouterListener> StartAsync(PaaSRouter router, IPEndPoint endpoint, FastRouterListenerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Start(router.Engine, endpoint, options, static (lane, link, client) => new RequestHalf(lane, link, client)));
    }

    internal static FastRouterListener Start(RouterEngine engine, IPEndPoint endpoint, FastRouterListenerOptions? options, ClientFactory makeClient)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new FastRouterListenerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Loops, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Backlog, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Backlog, 1_000_000);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The fast listener needs Linux (epoll). Elsewhere use Kestrel: listenOptions.UsePaaSRouter().");
        }

        var listener = new FastRouterListener(engine, endpoint, options, makeClient);
        foreach (var loop in listener._loops)
        {
            loop.Post(static loop => ((EventLoop)loop!).StartAccepting(), loop);
            loop.Start();
        }

        return listener;
    }

    /// <summary>
    /// Stops: takes no more connections, closes those that are idle, and those with a request after its response. Requests that are still going on when the
    /// grace is over are ended (H24). Calling it again waits for the same end.
    /// </summary>
    /// <param name="grace">How long requests may still take.</param>
    /// <param name="cancellationToken">Ends the grace at once; it does not cancel the stop.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        using var registration = cancellationToken.UnsafeRegister(static cutOff => ((CancellationTokenSource)cutOff!).Cancel(), _cutOff);
        await StopOnce(grace);
    }

    /// <summary>Ends at once what still goes on (H24), and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        _isHurried = true;
        await _cutOff.CancelAsync();
        await StopOnce(TimeSpan.Zero);
    }

    /// <summary>A client has connected: the loop with the fewest has it. The loop that accepted it spares itself the way if it has hardly more.</summary>
    internal void Assign(EventLoop acceptor, int descriptor, byte[] peer)
    {
        Interlocked.Increment(ref _clients);
        var least = acceptor;
        foreach (var loop in _loops)
        {
            // One that has failed has no clients any more, and would be given all new ones.
            if (loop.Clients < least.Clients && !loop.IsEnding)
            {
                least = loop;
            }
        }

        if (acceptor.Clients - least.Clients <= least.Clients / 16)
        {
            acceptor.Reserve();
            acceptor.Adopt(descriptor, peer);
            return;
        }

        least.Reserve();
        least.Post(
            static state =>
            {
                var (loop, descriptor, peer) = ((EventLoop, int, byte[]))state!;
                loop.Adopt(descriptor, peer);
            },
            (least, descriptor, peer));
    }

    internal int AddTurnedAway() => Interlocked.Increment(ref _turnedAway);

    internal void OnClientGone(bool wasTurnedAway)
    {
        if (wasTurnedAway)
        {
            Interlocked.Decrement(ref _turnedAway);
        }

        if (Interlocked.Decrement(ref _clients) == 0 && _isStopping)
        {
            _allGone.TrySetResult();
        }
    }

    private static byte[] Response(in ErrorAnswer answer) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} Service Unavailable\r\nConnection: close\r\nContent-Type: {answer.ContentType}\r\nCache-Control: no-cache, no-store\r\nContent-Length: {answer.Body.Length}\r\n\r\n")),
        .. answer.Body.Span,
    ];

    private EventLoop[] MakeLoops(RouterEngine engine, int count)
    {
        var loops = new List<EventLoop>(count);
        try
        {
            while (loops.Count < count)
            {
                loops.Add(new EventLoop(engine, this, loops.Count));
            }
        }
        catch
        {
            foreach (var loop in loops)
            {
                loop.Start();
                _ = loop.EndAsync();
            }

            Socket.Dispose();
            throw;
        }

        return [.. loops];
    }

    private Task StopOnce(TimeSpan grace)
    {
        lock (_gate)
        {
            return _stopped ??= Stop(grace);
        }
    }

    private async Task Stop(TimeSpan grace)
    {
        await Task.WhenAll(_loops.Select(loop => On(loop, static loop => loop.Stop())));
        Socket.Dispose();
        _isStopping = true;

        // The last client may go just now: one of the two must see the other, else the whole grace is waited for.
        Interlocked.MemoryBarrier();
        if (Clients == 0)
        {
            _allGone.TrySetResult();
        }

        if (!await AllGone(grace, _cutOff.Token))
        {
            await CutOff();
            if (!_isHurried)
            {
                // What was answered last is on its way, and clients close for their part.
                await AllGone(TimeSpan.FromSeconds(3), CancellationToken.None);
            }

            // Who does not take that answer is cut, so that the request has its end and its line.
            await CutOff();
        }

        await Task.WhenAll(_loops.Select(loop => loop.EndAsync()));
    }

    private Task CutOff() => Task.WhenAll(_loops.Select(loop => On(loop, static loop => loop.CutOff())));

    private async Task<bool> AllGone(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await _allGone.Task.WaitAsync(atMost < LongestWait ? atMost : LongestWait, _engine.Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
        }

        return _allGone.Task.IsCompleted;
    }

    /// <summary>Runs something on a loop and waits for it.</summary>
    private static async Task On(EventLoop loop, Action<EventLoop> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                try
                {
                    action(loop);
                }
                finally
                {
                    done.SetResult();
                }
            },
            null);
        await Task.WhenAny(done.Task, loop.Ended);
    }
}
