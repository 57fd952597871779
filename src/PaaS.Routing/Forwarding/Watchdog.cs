namespace PaaS.Routing;

/// <summary>What a request waits for.</summary>
internal enum Waiting
{
    /// <summary>Nothing that is limited here.</summary>
    None,

    /// <summary>A connection to the dyno, which has its own limit.</summary>
    Connect,

    /// <summary>The client's body.</summary>
    ClientToSend,

    /// <summary>The dyno to take the body.</summary>
    DynoToRead,

    /// <summary>The first byte of the response (H12).</summary>
    FirstByte,

    /// <summary>More of the response.</summary>
    DynoToSend,

    /// <summary>The client to take the response.</summary>
    ClientToRead,
}

/// <summary>
/// Ends a request when the side that it waits for has been silent too long. A byte only notes the time; the timer looks at
/// the note when it fires and sleeps again for what is left, so that traffic costs no timer call.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _expired;
    private readonly ITimer _timer;
    private TimeSpan _limit;
    private long _last;
    private bool _disposed;

    public Watchdog(TimeProvider time, CancellationToken clientGone)
    {
        _time = time;
        _expired = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        Token = _expired.Token;
        _timer = time.CreateTimer(static self => ((Watchdog)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the client is gone or the limit is reached.</summary>
    public CancellationToken Token { get; }

    /// <summary>What is waited for now; after <see cref="Expired"/>, what was waited for in vain.</summary>
    public Waiting Waiting { get; private set; }

    /// <summary>Whether the limit was reached.</summary>
    public bool Expired { get; private set; }

    /// <summary>Begins to wait with a limit; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public void Begin(Waiting waiting, TimeSpan limit)
    {
        lock (_gate)
        {
            BeginLocked(waiting, limit);
        }
    }

    /// <summary>Begins to wait if <paramref name="current"/> is what is waited for now: for callers that may come too late.</summary>
    public bool Turn(Waiting current, Waiting next, TimeSpan limit)
    {
        lock (_gate)
        {
            if (Waiting != current)
            {
                return false;
            }

            BeginLocked(next, limit);
            return true;
        }
    }

    /// <summary>Bytes have moved; from now on the other side is waited for, with the same limit.</summary>
    public void Touch(Waiting waiting)
    {
        lock (_gate)
        {
            _last = _time.GetTimestamp();
            Waiting = Expired ? Waiting : waiting;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
        _expired.Dispose();
    }

    private void BeginLocked(Waiting waiting, TimeSpan limit)
    {
        if (Expired || _disposed)
        {
            return;
        }

        Waiting = waiting;
        _limit = limit;
        _last = _time.GetTimestamp();
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_disposed || Expired || _limit == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            var left = _limit - _time.GetElapsedTime(_last);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, Timeout.InfiniteTimeSpan);
                return;
            }

            Expired = true;
        }

        try
        {
            _expired.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The request ended between the verdict and its execution: there is nothing left to cancel.
        }
    }
}
