using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>
/// A connection on an event loop. It is watched edge-triggered, once and for all, so what an event said is remembered here until it was acted on. It has no memory of
/// its own while it is idle: bytes are read into the loop's buffer, and kept only if the handler leaves some, or the kernel takes less than is sent.
/// </summary>
/// <remarks>
/// One turn of the loop reads at most one buffer from a link; then the others have theirs. A read that does not fill the buffer has emptied the socket (epoll(7)),
/// so that in the common case there is no read that only says so.
/// </remarks>
[SupportedOSPlatform("linux")]
internal abstract unsafe partial class EpollLink(EventLoop loop) : Link
{
    private LinkState _state;

    /// <summary>The socket.</summary>
    public int Descriptor { get; set; } = -1;

    /// <summary>Where the loop has it; negative while it is not watched: a connection that fails at once never is.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Which of those that had the same slot it is.</summary>
    public uint Generation { get; set; }

    public bool IsGone => Is(LinkState.Gone);

    /// <summary>Whether the handler was parted from it: it is gone, or being closed.</summary>
    public bool IsDone => Is(LinkState.Gone | LinkState.Closing);

    protected EventLoop Loop { get; } = loop;

    /// <summary>Whether it waits in a pool for a request.</summary>
    public bool IsIdle => Is(LinkState.Idle);

    /// <summary>Whether bytes that the peer sent before a reset are worth more than knowing of it at once.</summary>
    protected abstract bool ReadsBeforeReset { get; }

    /// <summary>Whether input is dropped for a while before the socket is closed.</summary>
    protected abstract bool Lingers { get; }

    /// <summary>What epoll has reported.</summary>
    public void OnEvents(uint events)
    {
        if (Is(LinkState.Connecting) && !FinishConnecting())
        {
            return;
        }

        if ((events & Linux.Writable) != 0 && _unsentLength > 0)
        {
            SendUnsent();
        }

        if ((events & (Linux.Readable | Linux.PeerEnded | Linux.HungUp | Linux.Failed)) == 0 || Is(LinkState.Gone))
        {
            return;
        }

        _state |= LinkState.Readable;
        if ((events & (Linux.PeerEnded | Linux.HungUp)) != 0)
        {
            _state |= LinkState.EndSeen;
        }

        if ((events & Linux.Failed) != 0)
        {
            _state |= LinkState.Failed;
        }

        Go();
    }

    /// <summary>The link's turn, after it was queued.</summary>
    public void OnTurn()
    {
        _state &= ~LinkState.Queued;
        if (Is(LinkState.Gone))
        {
            return;
        }

        if (Is(LinkState.Connecting))
        {
            FinishConnecting();
        }
        else
        {
            Go();
        }
    }

    public override void Pause() => _state |= LinkState.Paused;

    public override void Resume()
    {
        if (Is(LinkState.Paused) && !IsDone)
        {
            _state = (_state & ~LinkState.Paused) | LinkState.OfferHeld;
            Queue();
        }
    }

    protected bool Is(LinkState any) => (_state & any) != 0;

    /// <summary>Whether nothing came since the last response, as far as is known without asking the kernel.</summary>
    protected bool IsQuiet => _heldLength == 0 && !Is(LinkState.Readable | LinkState.EndSeen | LinkState.Failed | LinkState.Gone | LinkState.Closing | LinkState.EndWanted) && _unsentLength == 0;

    /// <summary>Whether the handler is being called with bytes.</summary>
    protected bool IsOffering => Is(LinkState.Offering);

    /// <summary>An attempt to connect has had its outcome.</summary>
    /// <returns>Whether the connection stands, and what else the event said is to be looked at.</returns>
    protected abstract bool FinishConnecting();

    /// <summary>Called when something is heard on a link that waits for its next use.</summary>
    protected virtual void OnHeardWhileIdle()
    {
    }

    /// <summary>Called when the handler has had bytes.</summary>
    protected virtual void OnOffered()
    {
    }

    protected void SetIdle(bool isIdle) => _state = isIdle ? (_state & ~LinkState.Paused) | LinkState.Idle : _state & ~LinkState.Idle;

    protected void SetConnecting(bool isConnecting) => _state = isConnecting ? _state | LinkState.Connecting : _state & ~LinkState.Connecting;

    protected void Queue()
    {
        if (!Is(LinkState.Queued))
        {
            _state |= LinkState.Queued;
            Loop.Queue(this);
        }
    }

    /// <summary>Does the next thing that the state asks for.</summary>
    private void Go()
    {
        if (Is(LinkState.Closing | LinkState.Idle | LinkState.Paused | LinkState.EndTold))
        {
            GoUncommonly();
        }
        else if (Is(LinkState.OfferHeld))
        {
            _state &= ~LinkState.OfferHeld;
            if (_heldLength > 0)
            {
                OfferHeld();
            }
            else
            {
                GoOn();
            }
        }
        else if (Is(LinkState.Readable))
        {
            Read();
        }
    }

    private void GoUncommonly()
    {
        if (Is(LinkState.Closing))
        {
            Drop();
        }
        else if (Is(LinkState.Idle))
        {
            if (Is(LinkState.Readable))
            {
                OnHeardWhileIdle();
            }
        }
        else if (Is(LinkState.Failed))
        {
            if (!Is(LinkState.Paused) || !ReadsBeforeReset || !HasUnread())
            {
                Break();
            }
        }
        else if (Is(LinkState.Paused) && Is(LinkState.EndSeen) && !Is(LinkState.EndTold | LinkState.EndForeseen))
        {
            if (!HasUnread())
            {
                TellEnd();
            }
            else
            {
                _state |= LinkState.EndForeseen;
                Handler!.OnEndAhead();
            }
        }
    }

    /// <summary>After the handler had what there was: the next turn, or what comes behind the last byte.</summary>
    private void GoOn()
    {
        if (IsDone)
        {
            return;
        }

        OnOffered();
        if (Is(LinkState.Idle | LinkState.Gone | LinkState.Closing | LinkState.EndTold | LinkState.OfferHeld))
        {
            // What the handler wants to be offered again comes before an end, in a turn of its own.
            return;
        }

        if (Is(LinkState.Paused))
        {
            // A reset or an end that was seen before the pause has no event of its own any more.
            if (Is(LinkState.Failed | LinkState.EndSeen))
            {
                Queue();
            }
        }
        else if (Is(LinkState.Readable))
        {
            Queue();
        }
        else if (Is(LinkState.Failed))
        {
            Break();
        }
        else if (Is(LinkState.EndSeen))
        {
            TellEnd();
        }
    }

    private void TellEnd()
    {
        _state |= LinkState.EndTold;
        ReleaseHeld();
        Handler!.OnEnd();
    }
}
