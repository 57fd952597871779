namespace PaaS.Routing;

/// <summary>The connections to one dyno: those that wait for a request and those that have one. Whose a connection is changes only under its lock.</summary>
internal sealed class SocketPool
{
    private readonly Lock _gate = new();
    private readonly SocketPools _pools;
    private readonly HashSet<SocketLink> _all = [];
    private readonly List<SocketLink> _idle = [];
    private readonly CancellationTokenRegistration _retired;
    private readonly CancellationTokenRegistration _expired;
    private bool _dropped;

    public SocketPool(SocketPools pools, DynoEndpoint dyno)
    {
        _pools = pools;
        Dyno = dyno;
        _retired = dyno.Retired.UnsafeRegister(static self => ((SocketPool)self!).CloseIdle(), this);
        _expired = dyno.Expired.UnsafeRegister(static self => ((SocketPool)self!).ExpireActive(), this);
    }

    public DynoEndpoint Dyno { get; }

    /// <summary>Adds a new link; <see langword="false"/> if the pool was dropped meanwhile.</summary>
    public bool TryEnter(SocketLink link)
    {
        lock (_gate)
        {
            return !_dropped && _all.Add(link);
        }
    }

    public void Leave(SocketLink link)
    {
        lock (_gate)
        {
            _all.Remove(link);
        }
    }

    /// <summary>The connection that was used last: it is the one that the dyno will close last, and the others may grow old.</summary>
    public SocketLink? Take(ConnectionLane lane, long maxIdle)
    {
        while (true)
        {
            SocketLink link;
            lock (_gate)
            {
                if (_idle.Count == 0 || lane.Now - _idle[^1].KeptSince >= maxIdle)
                {
                    return null;
                }

                link = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                if (!link.HasNews && lane.Now < link.KeptUntil)
                {
                    link.Owner = lane;
                    link.Half!.Lane = lane;
                    return link;
                }

                _all.Remove(link);
            }

            link.Discard();
        }
    }

    /// <summary>Keeps a connection; <see langword="false"/> if it is not wanted any more.</summary>
    public bool TryKeep(SocketLink link, long since, long until)
    {
        lock (_gate)
        {
            if (link.HasNews || _pools.IsDisposed || Dyno.Retired.IsCancellationRequested)
            {
                return false;
            }

            (link.KeptSince, link.KeptUntil) = (since, until);
            link.Owner = null;
            _idle.Add(link);
        }

        _pools.Noted(until);
        return true;
    }

    /// <summary>Something was heard on a connection that nobody had: whoever has it now, or nobody, and then it is out.</summary>
    public ConnectionLane? OwnerOf(SocketLink link)
    {
        lock (_gate)
        {
            if (link.Owner is null)
            {
                _idle.Remove(link);
                _all.Remove(link);
            }

            return link.Owner;
        }
    }

    public void CloseIdle() => CloseOld(Timed.Never);

    /// <summary>Closes what may not be kept any longer.</summary>
    /// <returns>When the next is due.</returns>
    public long CloseOld(long now)
    {
        List<SocketLink>? old = null;
        var next = Timed.Never;
        lock (_gate)
        {
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                var link = _idle[i];
                if (link.KeptUntil <= now)
                {
                    (old ??= []).Add(link);
                    _idle.RemoveAt(i);
                    _all.Remove(link);
                }
                else
                {
                    next = Math.Min(next, link.KeptUntil);
                }
            }
        }

        foreach (var link in old ?? [])
        {
            link.Discard();
        }

        return next;
    }

    /// <summary>Ends an empty pool, so that dynos that are gone leave nothing behind.</summary>
    public bool TryDrop()
    {
        lock (_gate)
        {
            if (_all.Count > 0 || _dropped)
            {
                return false;
            }

            _dropped = true;
        }

        _retired.Unregister();
        _expired.Unregister();
        return true;
    }

    private void ExpireActive()
    {
        SocketLink[] links;
        lock (_gate)
        {
            links = [.. _all];
        }

        foreach (var link in links)
        {
            link.Expire();
        }
    }
}
