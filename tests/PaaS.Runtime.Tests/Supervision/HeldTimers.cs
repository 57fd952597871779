namespace PaaS.Runtime.Tests;

/// <summary>A clock that knows the timers that were made by it and not disposed, whether they wait or have fired.</summary>
internal sealed class HeldTimers(TimeProvider clock) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Held> _held = [];

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Whether a timer of this length is held.</summary>
    public bool Has(TimeSpan due)
    {
        lock (_gate)
        {
            return _held.Exists(timer => timer.Due == due);
        }
    }

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var held = new Held(this, dueTime, clock.CreateTimer(callback, state, dueTime, period));
        lock (_gate)
        {
            _held.Add(held);
        }

        return held;
    }

    private void Release(Held timer)
    {
        lock (_gate)
        {
            _held.Remove(timer);
        }
    }

    private sealed class Held(HeldTimers owner, TimeSpan due, ITimer timer) : ITimer
    {
        public TimeSpan Due => due;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            owner.Release(this);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            owner.Release(this);
            return timer.DisposeAsync();
        }
    }
}
