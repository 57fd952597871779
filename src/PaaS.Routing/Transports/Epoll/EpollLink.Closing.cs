namespace PaaS.Routing;

internal abstract unsafe partial class EpollLink
{
    /// <summary>So much of what a peer still sends is dropped at most before it is cut off.</summary>
    private const int MaxDropped = 8 * 1024 * 1024;

    private Lingering? _lingering;

    public override void Close()
    {
        if (IsDone)
        {
            return;
        }

        Part();
        if (Is(LinkState.Failed | LinkState.Connecting))
        {
            Free(withReset: false);
            return;
        }

        _state |= LinkState.Closing;
        if (_unsentLength > 0)
        {
            (_lingering = new Lingering(this)).WaitFor(Loop, Loop.StallTime);
        }
        else
        {
            OnClosingSent();
        }
    }

    public override void Abort()
    {
        if (!IsGone)
        {
            Part();
            Free(withReset: true);
        }
    }

    /// <summary>Closes at once, with what the kernel has taken still on its way.</summary>
    public void Free() => Free(withReset: false);

    /// <summary>No progress in sending the rest, or the peer did not close for its part.</summary>
    public void OnLingeredEnough() => Free(withReset: _unsentLength > 0);

    /// <summary>Called when the socket is closed.</summary>
    protected abstract void OnFreed();

    /// <summary>The connection is lost: the handler is told, and that is the last it hears.</summary>
    protected void Break()
    {
        var handler = Handler;
        Part();
        Free(withReset: false);
        handler?.OnBroken();
    }

    /// <summary>Parts the link from its handler, so that neither keeps the other.</summary>
    protected void Part()
    {
        if (Handler is Timed timed)
        {
            Loop.Forget(timed);
        }

        Handler = null;
        ReleaseHeld();
    }

    /// <summary>All is sent. A client may still be sending: closing now would answer that with a reset, which can overtake the answer.</summary>
    private void OnClosingSent()
    {
        if (!Lingers || (Is(LinkState.EndSeen) && !Is(LinkState.Readable)))
        {
            Free(withReset: false);
            return;
        }

        if (!Is(LinkState.EndWanted))
        {
            _state |= LinkState.EndWanted;
            _ = LibC.Shutdown(Descriptor, Linux.ShutdownSending);
        }

        (_lingering ??= new Lingering(this)).WaitFor(Loop, Loop.LingerTime);
        Drop();
    }

    /// <summary>Drops what the peer sends, one buffer a turn; closes when it sends no more.</summary>
    private void Drop()
    {
        if (_unsentLength > 0)
        {
            if (Is(LinkState.Failed))
            {
                Free(withReset: false);
            }

            return;
        }

        // Not even copied out of the kernel.
        var count = (int)LibC.Receive(Descriptor, Loop.Buffer, EventLoop.BufferSize, Linux.Truncate);
        if (count == EventLoop.BufferSize && (_lingering!.Dropped += count) <= MaxDropped)
        {
            Queue();
        }
        else if (count is 0 or EventLoop.BufferSize || Is(LinkState.EndSeen | LinkState.Failed) || (count < 0 && LibC.Error is not (Linux.Again or Linux.Interrupted)))
        {
            Free(withReset: false);
        }
    }

    private void Free(bool withReset)
    {
        if (IsGone)
        {
            return;
        }

        _state |= LinkState.Gone;
        ReleaseHeld();
        ReleaseUnsent();
        if (_lingering is { } lingering)
        {
            Loop.Forget(lingering);
            _lingering = null;
        }

        if (Descriptor >= 0)
        {
            if (withReset)
            {
                var linger = new LibC.Linger { IsOn = 1 };
                _ = LibC.SetSocketOption(Descriptor, Linux.SocketLevel, Linux.LingerOption, &linger, sizeof(LibC.Linger));
            }

            _ = LibC.Close(Descriptor);
            Descriptor = -1;
        }

        Loop.Remove(this);
        OnFreed();
    }

    /// <summary>How long a connection that is closed may still take.</summary>
    private sealed class Lingering(EpollLink link) : Timed
    {
        /// <summary>How much of the peer's bytes was dropped.</summary>
        public int Dropped { get; set; }

        public void WaitFor(EventLoop loop, long time) => SetDue(loop, loop.Now + time);

        public override void OnDue() => link.OnLingeredEnough();
    }
}
