using System.Collections.Concurrent;

namespace PaaS.Routing;

/// <summary>The dynos that could not be reached: this router leaves them alone for a while. Safe for threads.</summary>
internal sealed class Quarantine(TimeProvider time, TimeSpan length)
{
    private readonly ConcurrentDictionary<DynoEndpoint, long> _since = new();
    private readonly long _length = (long)(length.TotalSeconds * time.TimestampFrequency);
    private long _last = long.MinValue;

    /// <summary>Whether any dyno may be in it: spares the ordinary request the look at each.</summary>
    public bool IsAny(long now) => now < Volatile.Read(ref _last);

    /// <summary>Leaves a dyno alone from now on.</summary>
    public void Add(DynoEndpoint dyno, long now)
    {
        foreach (var (other, until) in _since)
        {
            if (until <= now || other.Retired.IsCancellationRequested)
            {
                _since.TryRemove(other, out _);
            }
        }

        _since[dyno] = now + _length;
        Volatile.Write(ref _last, now + _length);
    }

    /// <summary>Ticks until a dyno may be tried again; 0 if it may now.</summary>
    public long Left(DynoEndpoint dyno, long now) => _since.TryGetValue(dyno, out var until) && until > now ? until - now : 0;
}
