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
    /// <summary>Bytes that a handler has left are added to by at least this much.</summary>
    private const int LeastRoom = 2048;

    /// <summary>A handler that does not pause leaves no more than an unfinished head.</summary>
    private int MostHeld => Math.Max(Loop.Engine.HeadLimits.Head, Loop.Engine.HeadLimits.ResponseHead) + EventLoop.BufferSize;

    private byte[] _held = [];
    private int _heldAt;
    private int _heldLength;
    private LinkState _state;

    /// <summary>The socket.</summary>
    public int Descriptor { get; set; } = -1;

    /// <summary>Where the loop has it.</summary>
    public int Slot { get; set; }

    /// <summary>Which of those that had the same slot it is.</summary>
    public uint Generation { get; set; }

    public bool IsGone => Is(LinkState.Gone);

    /// <summary>Whether the handler was parted from it: it is gone, or being closed.</summary>
    public bool IsDone => Is(LinkState.Gone | LinkState.Closing);

    protected EventLoop Loop { get; } = loop;

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

    private bool HasUnread()
    {
        byte one;
        return _heldLength > 0 || LibC.Receive(Descriptor, &one, 1, Linux.Peek) > 0;
    }

    private void Read()
    {
        _state &= ~LinkState.Readable;
        if (_heldLength > 0)
        {
            ReadBehindHeld();
            return;
        }

        var count = Receive(Loop.Buffer, EventLoop.BufferSize);
        if (count > 0)
        {
            var bytes = new ReadOnlySpan<byte>(Loop.Buffer, count);
            var taken = Offer(bytes);
            if (taken < count && !IsDone)
            {
                Hold(bytes[taken..]);
            }

            GoOn();
        }
    }

    private void ReadBehindHeld()
    {
        MakeRoom();
        var end = _heldAt + _heldLength;
        int count;
        fixed (byte* held = _held)
        {
            count = Receive(held + end, _held.Length - end);
        }

        if (count > 0)
        {
            _heldLength += count;
            OfferHeld();
        }
    }

    /// <summary>Receives once.</summary>
    /// <returns>How much; 0 or less if there was nothing, and what follows from that was done.</returns>
    private int Receive(byte* buffer, int room)
    {
        int count;
        do
        {
            count = (int)LibC.Receive(Descriptor, buffer, room, 0);
        }
        while (count < 0 && LibC.Error == Linux.Interrupted);

        if (count == room)
        {
            _state |= LinkState.Readable;
        }
        else if (count == 0)
        {
            _state |= LinkState.EndSeen;
            GoOn();
        }
        else if (count < 0)
        {
            if (LibC.Error != Linux.Again)
            {
                _state |= LinkState.Failed;
            }

            GoOn();
        }

        return count;
    }

    private int Offer(ReadOnlySpan<byte> bytes)
    {
        _state |= LinkState.Offering;
        var taken = Handler!.OnBytes(bytes);
        _state &= ~LinkState.Offering;
        return (uint)taken <= (uint)bytes.Length ? taken : throw new InvalidOperationException($"A handler took {taken} of {bytes.Length} bytes.");
    }

    private void OfferHeld()
    {
        var taken = Offer(_held.AsSpan(_heldAt, _heldLength));
        if (!IsDone)
        {
            _heldAt += taken;
            _heldLength -= taken;
            if (_heldLength == 0)
            {
                ReleaseHeld();
            }

            GoOn();
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
        if (Is(LinkState.Idle | LinkState.Gone | LinkState.Closing | LinkState.EndTold))
        {
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

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        _held = Loop.Rent(bytes.Length);
        bytes.CopyTo(_held);
        (_heldAt, _heldLength) = (0, bytes.Length);
    }

    /// <summary>Room behind what is held. A handler that pauses is not given more, so that only a handler at fault can come to the limit.</summary>
    private void MakeRoom()
    {
        if (_held.Length - _heldAt - _heldLength >= LeastRoom)
        {
            return;
        }

        if (_heldLength > MostHeld)
        {
            throw new InvalidOperationException($"A handler left {_heldLength} bytes without pausing its link.");
        }

        var larger = Loop.Rent(Math.Max(_heldLength * 2, _heldLength + LeastRoom));
        _held.AsSpan(_heldAt, _heldLength).CopyTo(larger);
        Loop.Return(_held);
        (_held, _heldAt) = (larger, 0);
    }

    private void ReleaseHeld()
    {
        if (_held.Length > 0)
        {
            Loop.Return(_held);
        }

        (_held, _heldAt, _heldLength) = ([], 0, 0);
    }
}
