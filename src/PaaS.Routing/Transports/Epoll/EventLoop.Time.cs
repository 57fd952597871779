namespace PaaS.Routing;

internal sealed unsafe partial class EventLoop
{
    private readonly TimeProvider _time;
    private readonly Deadlines _deadlines = new();
    private readonly ITimer _timer;
    private readonly byte[] _date = new byte[29];
    private long _now;
    private long _wallClock;
    private long _wallClockAt = -1;
    private long _dateSecond = -1;
    private long _timerAt = Timed.Never;
    private volatile bool _hasTimerFired;

    public override long Now => _now;

    public override long UnixMilliseconds
    {
        get
        {
            // Not for every turn: most have no request that begins.
            if (_wallClockAt != _now)
            {
                _wallClock = _time.GetUtcNow().ToUnixTimeMilliseconds();
                _wallClockAt = _now;
            }

            return _wallClock;
        }
    }

    public override ReadOnlySpan<byte> Date
    {
        get
        {
            var second = UnixMilliseconds / 1000;
            if (second != _dateSecond)
            {
                _dateSecond = second;
                DateTimeOffset.FromUnixTimeSeconds(second).TryFormat(_date, out _, "R");
            }

            return _date;
        }
    }

    public override void Note(Timed timed) => _deadlines.Note(timed);

    /// <summary>Takes a deadline out: its owner has gone.</summary>
    public void Forget(Timed timed) => _deadlines.Remove(timed);

    /// <summary>A span of time in ticks of the router's clock.</summary>
    public long Ticks(TimeSpan time) => time.TotalSeconds * _time.TimestampFrequency is var ticks && ticks < Timed.Never / 2 ? (long)ticks : Timed.Never / 2;

    private void ReadClock() => _now = _time.GetTimestamp();

    private void OnTimer()
    {
        _hasTimerFired = true;
        _wake.Wake();
    }

    private void RunDeadlines()
    {
        if (_hasTimerFired)
        {
            _hasTimerFired = false;
            _timerAt = Timed.Never;
        }

        if (_now < _deadlines.Earliest)
        {
            return;
        }

        _current = null;
        while (_deadlines.TakeDue(_now) is { } timed)
        {
            try
            {
                timed.Expire();
            }
            catch (Exception e)
            {
                Fault(LinkOf(timed), e);
            }
        }
    }

    /// <summary>Sees to it that the loop is woken for the earliest deadline. Deadlines only ever become earlier than the one that is set when one of another kind begins, so this is rare.</summary>
    private void SetTimer()
    {
        var earliest = _deadlines.Earliest;
        if (earliest >= _timerAt)
        {
            return;
        }

        _timerAt = earliest;
        for (var now = _time.GetTimestamp(); ;)
        {
            if (earliest <= now)
            {
                OnTimer();
                break;
            }

            _timer.Change(Until(earliest, now), Timeout.InfiniteTimeSpan);

            // The clock may have been moved, or the thread held up, in between.
            var after = _time.GetTimestamp();
            if (after - now < _time.TimestampFrequency / 1000)
            {
                break;
            }

            now = after;
        }
    }

    /// <summary>The connection of a client's machine; the loop looks for it only after a fault.</summary>
    private EpollLink? LinkOf(Timed timed) => Array.Find(_links, link => link is not null && link.Handler == timed);

    /// <summary>Whole milliseconds, rounded up: timers count no less, and one that came early would come again at once.</summary>
    private TimeSpan Until(long due, long now)
    {
        var (seconds, rest) = Math.DivRem(due - now, _time.TimestampFrequency);
        var milliseconds = ((rest * 1000) + _time.TimestampFrequency - 1) / _time.TimestampFrequency;
        return TimeSpan.FromSeconds(Math.Min(seconds, 1_000_000)) + TimeSpan.FromMilliseconds(milliseconds);
    }
}
