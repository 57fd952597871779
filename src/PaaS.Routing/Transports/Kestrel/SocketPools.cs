using System.Collections.Concurrent;

namespace PaaS.Routing;

/// <summary>The connections to all dynos that a router has through Kestrel's lanes. Safe for threads.</summary>
internal sealed class SocketPools : IDisposable
{
    private readonly ConcurrentDictionary<DynoEndpoint, SocketPool> _pools = new();
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private long _sweepAt = Timed.Never;
    private volatile bool _disposed;

    public SocketPools(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(static self => ((SocketPools)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>No connection is kept any more.</summary>
    public bool IsDisposed => _disposed;

    public SocketLink? TakeIdle(ConnectionLane lane, DynoEndpoint dyno, TimeSpan maxIdle) =>
        _pools.TryGetValue(dyno, out var pool) ? pool.Take(lane, (long)(maxIdle.TotalSeconds * _time.TimestampFrequency)) : null;

    /// <summary>A link that is not connected yet.</summary>
    public SocketLink New(ConnectionLane lane, DynoEndpoint dyno)
    {
        while (true)
        {
            var pool = _pools.GetOrAdd(dyno, static (dyno, pools) => new SocketPool(pools, dyno), this);
            var link = new SocketLink(pool, lane);
            if (pool.TryEnter(link))
            {
                return link;
            }
        }
    }

    /// <summary>A connection is kept until <paramref name="until"/>.</summary>
    public void Noted(long until)
    {
        if (until >= Volatile.Read(ref _sweepAt))
        {
            return;
        }

        lock (_gate)
        {
            if (until < _sweepAt && !_disposed)
            {
                Volatile.Write(ref _sweepAt, until);
                var seconds = Math.Max((until - _time.GetTimestamp()) / (double)_time.TimestampFrequency, 0);
                _sweep.Change(TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000) + 1), Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _sweep.Dispose();
        foreach (var (_, pool) in _pools)
        {
            pool.CloseIdle();
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            Volatile.Write(ref _sweepAt, Timed.Never);
        }

        var now = _time.GetTimestamp();
        foreach (var (dyno, pool) in _pools)
        {
            var next = pool.CloseOld(now);
            if (next != Timed.Never)
            {
                Noted(next);
            }
            else if (pool.TryDrop())
            {
                _pools.TryRemove(new(dyno, pool));
            }
        }
    }
}
