using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>
/// A lane that is a thread of its own and waits for sockets with epoll. A client's connection lives on one loop from its first byte to its last, with the
/// connections to dynos that its requests use, so that nothing of a request is ever locked or handed over.
/// </summary>
/// <remarks>
/// A turn: wait for events; read the clock; do what the events say; give the links that are queued their turn; run what was posted; tell deadlines that
/// have passed. An exception out of a handler costs its connection and a line in the operator's log, never the loop.
/// </remarks>
[SupportedOSPlatform("linux")]
[SuppressMessage("Design", "CA1001", Justification = "The loop's thread owns them and closes them as the last that it does: EndAsync.")]
internal sealed unsafe partial class EventLoop : Lane
{
    /// <summary>What is read at once, and at most per connection and turn.</summary>
    public const int BufferSize = 256 * 1024;

    private const ulong WakeToken = ulong.MaxValue;
    private const ulong AcceptToken = ulong.MaxValue - 1;

    private readonly EpollSet _epoll = new();
    private readonly WakeDescriptor _wake;
    private readonly Queue<EpollLink> _turns = new();
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posted = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private EpollLink? _current;
    private volatile bool _isEnding;
    private int _isWoken;

    public EventLoop(RouterEngine engine, FastRouterListener listener, int number)
        : base(engine)
    {
        _listener = listener;
        _time = engine.Time;
        try
        {
            _wake = new WakeDescriptor();
            var error = _epoll.Add(_wake.Descriptor, Linux.Readable | Linux.EdgeTriggered, WakeToken);
            if (error != 0)
            {
                _wake.Dispose();
                throw new IOException($"The router can't make an event loop: {Marshal.GetPInvokeErrorMessage(error)} (epoll_ctl, error {error}).");
            }
        }
        catch
        {
            _epoll.Dispose();
            throw;
        }

        Buffer = (byte*)NativeMemory.Alloc(BufferSize);
        LingerTime = Ticks(TimeSpan.FromSeconds(2));
        StallTime = Ticks(engine.Options.IdleTimeout);
        _timer = _time.CreateTimer(static loop => ((EventLoop)loop!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { IsBackground = true, Name = $"paas-router-{number}" };
        ReadClock();
    }

    /// <summary>What is read from any link; it is one link's for the time of one call.</summary>
    public byte* Buffer { get; }

    /// <summary>How long a client that was answered may go on sending before it is cut off, in ticks of the router's clock.</summary>
    public long LingerTime { get; }

    /// <summary>How long a connection that is closed may stand still with bytes unsent.</summary>
    public long StallTime { get; }

    private bool IsOnLoop => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    /// <summary>Completes when the loop has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether it serves nobody any more: it was told to end, or has failed. From any thread.</summary>
    public bool IsEnding => _isEnding;

    public void Start() => _thread.UnsafeStart();

    /// <summary>Ends the loop: what is still open is closed.</summary>
    public Task EndAsync()
    {
        _isEnding = true;
        _wake.Wake();
        return _ended.Task;
    }

    public override void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue((action, state));
        if (!IsOnLoop && Interlocked.Exchange(ref _isWoken, 1) == 0)
        {
            _wake.Wake();
        }
    }

    /// <summary>Gives a link a turn after this one's events.</summary>
    public void Queue(EpollLink link) => _turns.Enqueue(link);

    /// <summary>Calls something that may fail for one link.</summary>
    public void Guarded(EpollLink link, Action<EpollLink> action)
    {
        try
        {
            action(link);
        }
        catch (Exception e)
        {
            Fault(link, e);
        }
    }

    private void Run()
    {
        try
        {
            while (!_isEnding)
            {
                Turn(_epoll.Wait(_turns.Count > 0 || !_posted.IsEmpty ? 0 : -1));
            }
        }
        catch (Exception e)
        {
            Log.LoopFailed(Engine.Logger, e);
        }

        try
        {
            End();
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Turn(int count)
    {
        ReadClock();
        HearIdle(count);
        for (var at = 0; at < count;)
        {
            try
            {
                while (at < count)
                {
                    var events = _epoll.Events(at++, out var token);
                    if (token < AcceptToken)
                    {
                        if (Find(token) is { } link)
                        {
                            _current = link;
                            link.OnEvents(events);
                        }
                    }
                    else if (token == AcceptToken)
                    {
                        _current = null;
                        AcceptClients();
                    }
                    else
                    {
                        // With a full fence: what was posted before is seen below.
                        Interlocked.Exchange(ref _isWoken, 0);
                    }
                }
            }
            catch (Exception e)
            {
                Fault(_current, e);
            }
        }

        RunTurns();
        RunPosted();
        RunDeadlines();
        _current = null;
        ReuseSlots();
        SetTimer();
    }

    /// <summary>
    /// What was heard on connections that wait for a request comes first: none of them may get a request of this turn, for what was heard would be
    /// taken for its answer.
    /// </summary>
    private void HearIdle(int count)
    {
        for (var at = 0; at < count; at++)
        {
            var events = _epoll.Events(at, out var token);
            if (Find(token) is { IsIdle: true } link)
            {
                link.OnEvents(events);
            }
        }
    }

    /// <summary>Only those that were queued before: what they queue comes after the next events.</summary>
    private void RunTurns()
    {
        for (var left = _turns.Count; left > 0; left--)
        {
            _current = _turns.Dequeue();
            try
            {
                _current.OnTurn();
            }
            catch (Exception e)
            {
                Fault(_current, e);
            }
        }
    }

    private void RunPosted()
    {
        if (_posted.IsEmpty)
        {
            return;
        }

        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var posted); left--)
        {
            _current = null;
            try
            {
                posted.Action(posted.State);
            }
            catch (Exception e)
            {
                Fault(_current, e);
            }
        }
    }

    /// <summary>A handler has failed: its connection is aborted, and it may clean up what hangs on it.</summary>
    private void Fault(EpollLink? link, Exception exception)
    {
        Say(exception);
        if (link is null || link.IsGone)
        {
            return;
        }

        var handler = link.Handler;
        try
        {
            link.Abort();
            handler?.OnBroken();
        }
        catch (Exception e)
        {
            Say(e);
        }
    }

    private void Say(Exception exception)
    {
        try
        {
            Log.HandlerFailed(Engine.Logger, exception);
        }
        catch (Exception)
        {
            // The embedder's logger is at fault; there is nowhere left to say so, and the connections of this loop are not.
        }
    }

    /// <summary>On the loop's thread, as the last that it does.</summary>
    private void End()
    {
        (_isEnding, _isStopping) = (true, true);
        StopAccepting();

        // Of a loop that failed there may be requests: each gives its dyno back and has its line. A client that does not take the answer at once is cut.
        CutOff();
        CutOff();
        FreeLinks();
        RunPosted();
        FreeLinks();
        FreePools();
        _timer.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
        NativeMemory.Free(Buffer);
    }

    private static partial class Log
    {
        [LoggerMessage(3021, LogLevel.Error, "The router failed on a connection, which was cut off; the others go on. This is a fault of the router or of a policy: please report it.", EventName = "ConnectionFailed")]
        public static partial void HandlerFailed(ILogger logger, Exception exception);

        [LoggerMessage(3022, LogLevel.Critical, "An event loop of the router has ended, with all its connections. Restart the host. This is a fault of the router: please report it.", EventName = "EventLoopFailed")]
        public static partial void LoopFailed(ILogger logger, Exception exception);

        [LoggerMessage(3023, LogLevel.Error, "The router lacks {What}: {Error}. Raise the limit on open files (ulimit -n, LimitNOFILE), or lower MaxClientConnections. Said once a minute at most.", EventName = "RouterLacksResource")]
        public static partial void Lacks(ILogger logger, string what, string error);

        [LoggerMessage(3024, LogLevel.Warning, "The router has {Max} clients and turned {Count} away (H22) since this was said last. Raise MaxClientConnections if it should hold more. Said once a minute at most.", EventName = "TooManyClients")]
        public static partial void TooManyClients(ILogger logger, int max, long count);
    }
}
