namespace PaaS.Testing;

/// <summary>
/// A clock that moves when the test says so. Timers fire inside <see cref="Advance"/>, in the order they are due, each at its
/// own time. Its time stamps run at an odd frequency, so that code which takes a stamp for ticks fails at once.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _order;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">The time it shows first; if left out, 15:00 on 20 November 2026, UTC.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) => _start = start ?? new DateTimeOffset(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);

    /// <summary>3,333,333 per second: no power of ten.</summary>
    public override long TimestampFrequency => 3_333_333;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait.</summary>
    public int WaitingTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>How long until the next timer is due; <see langword="null"/> if none waits.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count == 0 ? null : _timers.Min(timer => timer.Due) - _elapsed;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)(Elapsed.Ticks / (decimal)TimeSpan.TicksPerSecond * TimestampFrequency);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what becomes due, before it returns.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan goal;
        lock (_gate)
        {
            goal = _elapsed + by;
        }

        while (TakeDue(goal) is { } timer)
        {
            timer.Fire();
        }
    }

    private TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return _elapsed;
            }
        }
    }

    private ManualTimer? TakeDue(TimeSpan goal)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= goal).OrderBy(timer => timer.Due).ThenBy(timer => timer.Order).FirstOrDefault();
            var now = next is null ? goal : next.Due;
            _elapsed = now > _elapsed ? now : _elapsed;
            next?.Reschedule(_elapsed, ++_order);
            if (next is { IsWaiting: false })
            {
                _timers.Remove(next);
            }

            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, Action fire) : ITimer
    {
        private TimeSpan _period;
        private bool _disposed;

        public TimeSpan Due { get; private set; }

        public long Order { get; private set; }

        public bool IsWaiting { get; private set; }

        public void Fire() => fire();

        public void Reschedule(TimeSpan now, long order)
        {
            IsWaiting = _period > TimeSpan.Zero;
            (Due, Order) = (now + _period, order);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._timers.Remove(this);
                _period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                IsWaiting = dueTime != Timeout.InfiniteTimeSpan;
                if (IsWaiting)
                {
                    (Due, Order) = (clock._elapsed + dueTime, ++clock._order);
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
