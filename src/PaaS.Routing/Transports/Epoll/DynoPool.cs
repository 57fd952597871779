using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>
/// The connections of one loop to one dyno. It hears of the dyno's retirement and of the end of its time to drain, once for all of them, and is
/// there as long as there are connections, or were a short while ago.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class DynoPool : Timed
{
    private readonly EventLoop _loop;
    private readonly DynoLinkList _idle = new();
    private readonly DynoLinkList _active = new();
    private readonly CancellationTokenRegistration _onRetired;
    private readonly CancellationTokenRegistration _onExpired;

    public DynoPool(EventLoop loop, DynoEndpoint dyno)
    {
        _loop = loop;
        Dyno = dyno;
        _onRetired = dyno.Retired.UnsafeRegister(static pool => ((DynoPool)pool!).Post(static pool => pool.OnRetired()), this);
        _onExpired = dyno.Expired.UnsafeRegister(static pool => ((DynoPool)pool!).Post(static pool => pool.OnExpired()), this);
    }

    public DynoEndpoint Dyno { get; }

    public bool IsRetired => Dyno.Retired.IsCancellationRequested;

    /// <summary>The connection that was used last, if it has been idle for less than <paramref name="maxIdle"/>.</summary>
    public DynoLink? Take(long maxIdle)
    {
        var now = _loop.Now;
        if (_idle.First is { } link && now - link.IdleSince < maxIdle && now < link.IdleUntil)
        {
            link.Use();
            _active.Add(link);
            return link;
        }

        return null;
    }

    public void AddActive(DynoLink link) => _active.Add(link);

    public void AddIdle(DynoLink link)
    {
        _idle.Add(link);
        if (link.IdleUntil < Due)
        {
            SetDue(_loop, link.IdleUntil);
        }
    }

    public void Remove(DynoLink link)
    {
        link.List?.Remove(link);
        if (_idle.Count > 0 || _active.Count > 0)
        {
            return;
        }

        if (IsRetired)
        {
            Dispose();
        }
        else if (Due == Never)
        {
            // No connection was kept, so nothing else would ever look here again.
            SetDue(_loop, _loop.Now + _loop.Ticks(_loop.Engine.Options.PoolIdleTimeout));
        }
    }

    /// <summary>Closes what has been idle for too long.</summary>
    public override void OnDue()
    {
        var next = Never;
        for (var link = _idle.First; link is not null;)
        {
            var following = link.Next;
            if (link.IdleUntil <= _loop.Now)
            {
                link.Close();
            }
            else
            {
                next = Math.Min(next, link.IdleUntil);
            }

            link = following;
        }

        if (_idle.Count == 0 && _active.Count == 0)
        {
            // The dyno may be gone without having been retired. If it is not, the next connection makes another pool.
            Dispose();
            return;
        }

        SetDue(_loop, next);
    }

    /// <summary>Hears of its dyno no more. The loop ends, or nothing is left to hear for.</summary>
    public void Dispose()
    {
        _onRetired.Unregister();
        _onExpired.Unregister();
        _loop.Forget(this);
        _loop.Forget(Dyno, this);
    }

    private void Post(Action<DynoPool> action) => _loop.Post(static state => { var (pool, action) = ((DynoPool, Action<DynoPool>))state!; action(pool); }, (this, action));

    private void OnRetired()
    {
        while (_idle.First is { } link)
        {
            link.Close();
        }

        if (_active.Count == 0)
        {
            Dispose();
        }
    }

    private void OnExpired()
    {
        var links = new List<DynoLink>(_active.Count);
        for (var link = _active.First; link is not null; link = link.Next)
        {
            links.Add(link);
        }

        foreach (var link in links)
        {
            if (link is { IsDone: false, Half: { } half })
            {
                _loop.Guarded(link, static link => ((DynoLink)link).Half!.OnExpired());
            }
        }
    }
}
