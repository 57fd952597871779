using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>
/// The lane of one client connection. Whoever has an event for it runs the event if the lane is free; if it is busy, the event waits in
/// line and the one who is busy runs it afterwards. So nothing of a request runs twice at a time, and no thread waits for another.
/// </summary>
internal sealed partial class ConnectionLane : Lane
{
    private readonly Lock _gate = new();
    private readonly LaneAlarm _alarm;
    private readonly List<Timed> _noted = new(4);
    private LaneEvent? _first;
    private LaneEvent? _last;
    private bool _busy;
    private long _now;
    private long _unixMilliseconds = -1;
    private DateHeader? _date;

    public ConnectionLane(ConnectionLanes lanes)
        : base(lanes.Engine)
    {
        Lanes = lanes;
        _alarm = new LaneAlarm(this);
    }

    /// <summary>What the lanes of a router share.</summary>
    public ConnectionLanes Lanes { get; }

    /// <summary>Cuts the client when the engine fails on this lane.</summary>
    public required Action Cut { get; init; }

    public override long Now => _now;

    public override long UnixMilliseconds
    {
        get
        {
            if (_unixMilliseconds < 0)
            {
                _unixMilliseconds = Engine.Time.GetUtcNow().ToUnixTimeMilliseconds();
            }

            return _unixMilliseconds;
        }
    }

    public override ReadOnlySpan<byte> Date => (_date = Lanes.DateAt(UnixMilliseconds)).Text;

    /// <summary>Handles an event: now if the lane is free, else after what is being handled.</summary>
    public void Run(LaneEvent @event)
    {
        lock (_gate)
        {
            if (_busy)
            {
                if (_last is null)
                {
                    _first = @event;
                }
                else
                {
                    _last.Next = @event;
                }

                _last = @event;
                return;
            }

            _busy = true;
        }

        for (LaneEvent? current = @event; current is not null; current = Next())
        {
            _now = Engine.Time.GetTimestamp();
            _unixMilliseconds = -1;
            try
            {
                current.Run(this);
            }
#pragma warning disable CA1031 // The edge of the engine: a fault of ours must cost this connection only, neither the process nor the lane.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Fault(e);
            }
        }
    }

    public override void Post(Action<object?> action, object? state) => ThreadPool.UnsafeQueueUserWorkItem(new PostedEvent(this, action, state), preferLocal: true);

    public override void Note(Timed timed)
    {
        if (timed.NotedAt < 0)
        {
            timed.NotedAt = _noted.Count;
            _noted.Add(timed);
        }

        timed.NotedFor = timed.Due;
        if (timed.Due < _alarm.Wanted)
        {
            _alarm.Wanted = timed.Due;
            Lanes.Alarms.Set(_alarm, timed.Due);
        }
    }

    /// <summary>Forgets a deadline: its owner goes to another lane, or is gone.</summary>
    public void Unnote(Timed timed)
    {
        var at = timed.NotedAt;
        if (at < 0)
        {
            return;
        }

        var last = _noted[^1];
        _noted[at] = last;
        last.NotedAt = at;
        _noted.RemoveAt(_noted.Count - 1);
        timed.NotedAt = -1;
        timed.NotedFor = Timed.Never;
    }

    /// <summary>The alarm rang: looks at every deadline of the lane.</summary>
    public void LookAtDeadlines()
    {
        _alarm.Wanted = Timed.Never;
        while (NextDue() is { } timed)
        {
            Unnote(timed);
            timed.Expire();
        }

        foreach (var timed in _noted)
        {
            timed.NotedFor = timed.Due;
            if (timed.Due < _alarm.Wanted)
            {
                _alarm.Wanted = timed.Due;
            }
        }

        if (_alarm.Wanted != Timed.Never)
        {
            Lanes.Alarms.Set(_alarm, _alarm.Wanted);
        }
    }

    public override DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle) => Lanes.Pools.TakeIdle(this, dyno, maxIdle)?.Half;

    public override DynoHalf Connect(DynoEndpoint dyno)
    {
        var link = Lanes.Pools.New(this, dyno);
        var half = new DynoHalf(this, dyno, link);
        link.Half = half;
        link.Connect();
        return half;
    }

    public override void Keep(DynoHalf half, TimeSpan atMost) => ((SocketLink)half.Link).Keep(atMost);

    public override void Forget(DynoHalf half) => ((SocketLink)half.Link).LeavePool();

    public override Exchange RentExchange() => Lanes.Exchanges.Get();

    public override void Return(Exchange exchange)
    {
        Unnote(exchange);
        Lanes.Exchanges.Return(exchange);
    }

    /// <summary>The client is gone: a lane that waits for nothing must not be held until its alarm would ring.</summary>
    public void Settle()
    {
        for (var i = _noted.Count - 1; i >= 0; i--)
        {
            if (_noted[i].Due == Timed.Never)
            {
                Unnote(_noted[i]);
            }
        }

        if (_noted.Count == 0)
        {
            _alarm.Wanted = Timed.Never;
            Lanes.Alarms.Remove(_alarm);
        }
    }

    /// <summary>Nothing gets out of here: the lane would stay busy for ever, and the process would end.</summary>
    private void Fault(Exception exception)
    {
        try
        {
            try
            {
                Log.Failed(Engine.Logger, exception);
            }
            finally
            {
                Cut();
            }
        }
#pragma warning disable CA1031 // The client's machine or the embedder's logger fails, too: there is nowhere left to say so.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private LaneEvent? Next()
    {
        lock (_gate)
        {
            var next = _first;
            if (next is null)
            {
                _busy = false;
                return null;
            }

            _first = next.Next;
            next.Next = null;
            if (_first is null)
            {
                _last = null;
            }

            return next;
        }
    }

    private Timed? NextDue()
    {
        foreach (var timed in _noted)
        {
            if (timed.Due <= _now)
            {
                return timed;
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Error, "The router failed on a connection, which is cut; its other connections are not concerned")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
