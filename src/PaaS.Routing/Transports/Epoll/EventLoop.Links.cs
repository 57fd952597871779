namespace PaaS.Routing;

/// <summary>The connections of a loop. A slot is used again only after the turn in which it became free, and says by its generation whose an event is.</summary>
internal sealed unsafe partial class EventLoop
{
    private const int MaxKeptExchanges = 1024;
    private const uint Watched = Linux.Readable | Linux.Writable | Linux.PeerEnded | Linux.EdgeTriggered;

    private readonly Stack<int> _freeSlots = new();
    private readonly List<int> _freed = [];
    private readonly Dictionary<DynoEndpoint, DynoPool> _pools = [];
    private readonly Stack<Exchange> _exchanges = new();
    private EpollLink?[] _links = new EpollLink?[64];
    private int _slots;
    private uint _generation;

    /// <summary>Begins to watch a link's socket.</summary>
    /// <returns>0, or the error.</returns>
    public int Watch(EpollLink link)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _slots++;
            if (slot == _links.Length)
            {
                Array.Resize(ref _links, slot * 2);
            }
        }

        _links[slot] = link;

        // Never the token of the listening socket or of the waker: those are the highest two.
        _generation = (_generation + 1) & int.MaxValue;
        (link.Slot, link.Generation) = (slot, _generation);
        var error = _epoll.Add(link.Descriptor, Watched, ((ulong)_generation << 32) | (uint)slot);
        return error == 0 ? 0 : NoteLackOf("memory to watch a connection", error);
    }

    /// <summary>The link's socket is closed.</summary>
    public void Remove(EpollLink link)
    {
        if (link.Slot >= 0)
        {
            _links[link.Slot] = null;
            _freed.Add(link.Slot);
            link.Slot = -1;
        }
    }

    public override DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle) => _pools.TryGetValue(dyno, out var pool) ? pool.Take(Ticks(maxIdle))?.Half : null;

    public override DynoHalf Connect(DynoEndpoint dyno)
    {
        var link = Dial(dyno);
        var half = new DynoHalf(this, dyno, link);
        link.Handler ??= half;
        link.Half = half;
        return half;
    }

    /// <summary>Begins a connection to a dyno, without a machine on it.</summary>
    public DynoLink Dial(DynoEndpoint dyno)
    {
        var pool = PoolOf(dyno);
        var link = new DynoLink(this, pool);
        pool.AddActive(link);
        link.Connect();
        return link;
    }

    public override void Keep(DynoHalf half, TimeSpan atMost) => ((DynoLink)half.Link).Keep(Ticks(atMost));

    public override void Forget(DynoHalf half) => (((DynoLink)half.Link).List)?.Remove((DynoLink)half.Link);

    /// <summary>A dyno's connections are no more, and will be no more.</summary>
    public void Forget(DynoEndpoint dyno, DynoPool pool)
    {
        if (_pools.TryGetValue(dyno, out var own) && own == pool)
        {
            _pools.Remove(dyno);
        }
    }

    /// <summary>The connections to a dyno.</summary>
    public DynoPool PoolOf(DynoEndpoint dyno) => _pools.TryGetValue(dyno, out var pool) ? pool : _pools[dyno] = new DynoPool(this, dyno);

    public override Exchange RentExchange() => _exchanges.TryPop(out var exchange) ? exchange : new Exchange();

    public override void Return(Exchange exchange)
    {
        if (_exchanges.Count < MaxKeptExchanges)
        {
            _exchanges.Push(exchange);
        }
    }

    private EpollLink? Find(ulong token)
    {
        var slot = (uint)token;
        return slot < (uint)_links.Length && _links[slot] is { } link && link.Generation == (uint)(token >> 32) ? link : null;
    }

    private void ReuseSlots()
    {
        if (_freed.Count == 0)
        {
            return;
        }

        foreach (var slot in _freed)
        {
            _freeSlots.Push(slot);
        }

        _freed.Clear();
    }

    private void FreeLinks()
    {
        for (var slot = 0; slot < _slots; slot++)
        {
            _links[slot]?.Free();
        }
    }

    private void FreePools()
    {
        foreach (var pool in _pools.Values.ToArray())
        {
            pool.Dispose();
        }
    }
}
