using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PaaS.Testing;

namespace PaaS.Routing.Tests;

/// <summary>Event loops with machines of the test's own on them, and a clock that the test moves.</summary>
internal sealed class LoopUnderTest : ITransportUnderTest
{
    private readonly Channel<ScriptedHandler> _clients = Channel.CreateUnbounded<ScriptedHandler>();

    private LoopUnderTest(Action<ScriptedHandler>? configure, int loops, RouterOptions? options, IPEndPoint? endpoint)
    {
        var router = new PaaSRouter(new RouteTable(), options, time: Time, logger: Log);
        Listener = FastRouterListener.Start(router.Engine, endpoint ?? new IPEndPoint(IPAddress.Loopback, 0), new FastRouterListenerOptions { Loops = loops }, (lane, link, client) =>
        {
            var handler = new ScriptedHandler(lane, link, client);
            configure?.Invoke(handler);
            _clients.Writer.TryWrite(handler);
            return handler;
        });
    }

    public ManualTimeProvider Time { get; } = new();

    public OperatorLog Log { get; } = new();

    public FastRouterListener Listener { get; }

    public EventLoop Loop => Listener.Loops[0];

    /// <summary>Starts one.</summary>
    /// <param name="configure">Is called on the loop for each client that connects.</param>
    public static LoopUnderTest Start(Action<ScriptedHandler>? configure = null, int loops = 1, RouterOptions? options = null, IPEndPoint? endpoint = null) => new(configure, loops, options, endpoint);

    /// <summary>Does something on a loop, and waits for it.</summary>
    public static Task OnAsync(Lane lane, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lane.Post(
            _ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            null);
        return done.Task.WaitAsync(Limit.Unexpected);
    }

    /// <summary>Waits until something is so.</summary>
    public static Task UntilAsync(Func<bool> isSo) => Poll.UntilAsync(isSo, static () => "It did not come to that in time.");

    public Task OnLoopAsync(Action action) => OnAsync(Loop, action);

    /// <summary>A client, and the machine that has it.</summary>
    public async Task<(Socket Client, ScriptedHandler Handler)> ConnectAsync(Action<Socket>? prepare = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        prepare?.Invoke(socket);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Listener.EndPoint.Port), Limit.Token);
        return (socket, await _clients.Reader.ReadAsync(Limit.Token));
    }

    /// <inheritdoc/>
    public bool IsGone(ScriptedHandler handler) => ((EpollLink)handler.Link).IsGone;

    /// <summary>Begins a connection to a dyno.</summary>
    public async Task<ScriptedHandler> DialAsync(DynoEndpoint dyno, Action<ScriptedHandler>? configure = null)
    {
        ScriptedHandler? handler = null;
        await OnLoopAsync(() =>
        {
            var link = Loop.Dial(dyno);
            handler = new ScriptedHandler(Loop, link);
            link.Handler = handler;
            configure?.Invoke(handler);
        });
        return handler!;
    }

    public ValueTask DisposeAsync() => Listener.DisposeAsync();
}

/// <summary>The operator's log of a router.</summary>
internal sealed class OperatorLog : ILogger<PaaSRouter>
{
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>The lines of this level can't be written.</summary>
    public LogLevel FailsAt { get; set; } = LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == FailsAt)
        {
            throw new IOException("The disk is full.");
        }

        Lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception?.Message}");
    }
}
