namespace PaaS.Routing;

/// <summary>The earliest deadline of a lane.</summary>
internal sealed class LaneAlarm(ConnectionLane lane) : LaneEvent
{
    private int _isRinging;

    /// <summary>When the lane wants to be woken at the latest. The lane's own.</summary>
    public long Wanted { get; set; } = Timed.Never;

    /// <summary>When it is to ring, and where it stands in the heap; -1 if it does not. Only under the lock of <see cref="LaneAlarms"/>.</summary>
    public long At { get; set; }

    public int Index { get; set; } = -1;

    public void Ring()
    {
        // It may be waiting in the lane's queue still: once is enough.
        if (Interlocked.Exchange(ref _isRinging, 1) == 0)
        {
            lane.Run(this);
        }
    }

    public override void Run(ConnectionLane lane)
    {
        Volatile.Write(ref _isRinging, 0);
        lane.LookAtDeadlines();
    }
}

/// <summary>
/// The deadlines of all lanes: a heap with one entry per lane, and one timer of the router's clock. A deadline that moves to a later time does not
/// touch it; the lane looks again when its alarm rings. So an ordinary request costs nothing here.
/// </summary>
internal sealed class LaneAlarms : IDisposable
{
    private const int MostAtOnce = 64;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _leastTicks;
    private LaneAlarm[] _heap = new LaneAlarm[64];
    private int _count;
    private long _timerAt = Timed.Never;
    private bool _disposed;

    public LaneAlarms(TimeProvider time)
    {
        _time = time;
        _leastTicks = time.TimestampFrequency / 1000;
        _timer = time.CreateTimer(static self => ((LaneAlarms)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Has an alarm ring at a time, in place of the time that was set before.</summary>
    public void Set(LaneAlarm alarm, long at)
    {
        lock (_gate)
        {
            if (alarm.Index < 0)
            {
                if (_count == _heap.Length)
                {
                    Array.Resize(ref _heap, _count * 2);
                }

                alarm.Index = _count++;
            }

            alarm.At = at;
            Up(alarm, alarm.Index);
            Down(alarm, alarm.Index);
            StartTimer();
        }
    }

    public void Remove(LaneAlarm alarm)
    {
        lock (_gate)
        {
            if (alarm.Index >= 0)
            {
                RemoveLocked(alarm);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Ring()
    {
        var due = new LaneAlarm[MostAtOnce];
        int count;
        do
        {
            count = 0;
            lock (_gate)
            {
                var now = _time.GetTimestamp();
                while (count < due.Length && _count > 0 && _heap[0].At <= now)
                {
                    due[count++] = _heap[0];
                    RemoveLocked(_heap[0]);
                }

                if (count < due.Length)
                {
                    _timerAt = Timed.Never;
                    StartTimer();
                }
            }

            foreach (var alarm in due.AsSpan(0, count))
            {
                alarm.Ring();
            }
        }
        while (count == due.Length);
    }

    private void StartTimer()
    {
        if (_count == 0 || _heap[0].At >= _timerAt || _disposed)
        {
            return;
        }

        _timerAt = _heap[0].At;
        var ticks = Math.Max(_timerAt - _time.GetTimestamp(), _leastTicks);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(ticks * 1000.0 / _time.TimestampFrequency), 1_000_000_000)), Timeout.InfiniteTimeSpan);
    }

    private void RemoveLocked(LaneAlarm alarm)
    {
        var index = alarm.Index;
        alarm.Index = -1;
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (last != alarm)
        {
            last.Index = index;
            Up(last, index);
            Down(last, last.Index);
        }
    }

    private void Up(LaneAlarm alarm, int index)
    {
        while (index > 0 && _heap[(index - 1) / 2] is var parent && parent.At > alarm.At)
        {
            _heap[index] = parent;
            parent.Index = index;
            index = (index - 1) / 2;
        }

        _heap[index] = alarm;
        alarm.Index = index;
    }

    private void Down(LaneAlarm alarm, int index)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child + 1 < _count && _heap[child + 1].At < _heap[child].At)
            {
                child++;
            }

            if (child >= _count || _heap[child].At >= alarm.At)
            {
                break;
            }

            _heap[index] = _heap[child];
            _heap[index].Index = index;
            index = child;
        }

        _heap[index] = alarm;
        alarm.Index = index;
    }
}
