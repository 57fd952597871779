namespace PaaS.Routing.Tests;

/// <summary>A lane in memory: its clock is the test's, and what others do with a loop it does when it is asked to.</summary>
internal sealed class LawLane(RouterEngine engine, LawWorld world) : Lane(engine)
{
    private readonly List<Timed> _noted = [];
    private readonly Queue<(Action<object?> Action, object? State)> _posted = [];
    private readonly List<(DynoHalf Half, long Since, long Until)> _idle = [];
    private readonly HashSet<DynoHalf> _active = [];
    private readonly Stack<Exchange> _free = [];
    private readonly HashSet<Exchange> _rented = [];

    public override long Now => world.Time.Now;

    public override long UnixMilliseconds => world.Time.GetUtcNow().ToUnixTimeMilliseconds();

    public override ReadOnlySpan<byte> Date => "Fri, 02 Jan 2026 03:04:05 GMT"u8;

    public int Rented => _rented.Count;

    public int Active => _active.Count;

    public bool HasPosted => _posted.Count > 0;

    /// <summary>When the next deadline is due.</summary>
    public long NextDue => Math.Min(_noted.Count == 0 ? Timed.Never : _noted.Min(timed => timed.Due), _idle.Count == 0 ? Timed.Never : _idle.Min(idle => idle.Until));

    public override void Post(Action<object?> action, object? state) => _posted.Enqueue((action, state));

    public void RunPosted()
    {
        var (action, state) = _posted.Dequeue();
        action(state);
    }

    public override void Note(Timed timed)
    {
        timed.NotedFor = timed.Due;
        if (!_noted.Contains(timed))
        {
            _noted.Add(timed);
        }
    }

    /// <summary>Lets all come to pass that is due.</summary>
    public void Expire()
    {
        while (_noted.Find(timed => timed.Due <= Now) is { } due)
        {
            _noted.Remove(due);
            due.NotedFor = Timed.Never;
            due.Expire();
        }

        foreach (var timed in _noted.ToList())
        {
            timed.NotedFor = timed.Due;
            if (timed.Due == Timed.Never)
            {
                _noted.Remove(timed);
            }
        }

        CloseIdle(idle => idle.Until <= Now);
    }

    public override DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle)
    {
        var at = _idle.FindLastIndex(idle => idle.Half.Dyno == dyno && !((LawLink)idle.Half.Link).IsHeard && Now - idle.Since < maxIdle.TotalSeconds * LawTime.Second);
        if (at < 0)
        {
            return null;
        }

        var half = _idle[at].Half;
        _idle.RemoveAt(at);
        _active.Add(half);
        world.Note($"{((LawLink)half.Link).Name} is used again");
        return half;
    }

    public override DynoHalf Connect(DynoEndpoint dyno)
    {
        var half = new DynoHalf(this, dyno, world.Connect(dyno));
        _active.Add(half);
        return half;
    }

    public override void Keep(DynoHalf half, TimeSpan atMost)
    {
        if (!_active.Remove(half))
        {
            throw new LawBrokenException("A connection to a dyno is kept that was forgotten.");
        }

        _idle.Add((half, Now, Now + (long)(Math.Min(atMost.TotalSeconds, 1e6) * LawTime.Second)));
    }

    public bool IsIdle(Link link) => _idle.Exists(idle => idle.Half.Link == link);

    public override void Forget(DynoHalf half)
    {
        _active.Remove(half);
        _idle.RemoveAll(idle => idle.Half == half);
    }

    /// <summary>The time to drain of a dyno is over.</summary>
    public void ExpireDyno(DynoEndpoint dyno)
    {
        foreach (var half in _active.Where(half => half.Dyno == dyno).ToList())
        {
            half.OnExpired();
        }

        CloseIdle(idle => idle.Half.Dyno == dyno);
    }

    public override Exchange RentExchange()
    {
        var exchange = _free.Count > 0 ? _free.Pop() : new Exchange();
        _rented.Add(exchange);
        return exchange;
    }

    public override void Return(Exchange exchange)
    {
        if (!_rented.Remove(exchange))
        {
            throw new LawBrokenException("An exchange is given back twice.");
        }

        _free.Push(exchange);
    }

    private void CloseIdle(Func<(DynoHalf Half, long Since, long Until), bool> which)
    {
        foreach (var (half, _, _) in _idle.Where(which).ToList())
        {
            Forget(half);
            half.Link.Close();
        }
    }
}
