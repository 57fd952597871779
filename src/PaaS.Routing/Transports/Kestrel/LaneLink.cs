namespace PaaS.Routing;

/// <summary>A link whose events come to a lane. Here is how it closes: what is unsent goes out, then the end of the stream; then the peer's bytes are dropped for a while.</summary>
internal abstract class LaneLink : Link, IOutletOwner
{
    /// <summary>How long a closed link still reads.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private Linger? _linger;
    private bool _breakIsTold;

    public sealed override int Unsent => Outlet?.Unsent ?? 0;

    /// <summary>The engine is done with it.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Nothing is left of it.</summary>
    public bool IsGone { get; private set; }

    protected Outlet? Outlet { get; set; }

    protected bool IsPaused { get; set; }

    /// <summary>The peer's end of stream was seen.</summary>
    protected bool HasPeerEnded { get; set; }

    /// <summary>An operation is under way, or bytes are held, by which the loss of the connection will be learned.</summary>
    protected abstract bool WillLearnOfLoss { get; }

    /// <summary>Takes an event of this link to the lane that it belongs to now.</summary>
    public abstract void Dispatch(LaneEvent @event);

    public sealed override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        if (!IsClosed)
        {
            Outlet!.Send(first, second, third);
        }
    }

    public sealed override void Pause() => IsPaused = true;

    public sealed override void End()
    {
        if (!IsClosed)
        {
            Outlet!.End();
        }
    }

    public sealed override void Close()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        Handler = null;
        if (Outlet is null)
        {
            Leave(reset: true);
            return;
        }

        Outlet.End();
        Settle();
        if (!IsGone)
        {
            ReadOn();
        }
    }

    public sealed override void Abort()
    {
        IsClosed = true;
        Handler = null;
        Leave(reset: true);
    }

    /// <summary>The connection is lost.</summary>
    public void Fail()
    {
        if (IsGone)
        {
            return;
        }

        var handler = IsClosed ? null : Handler;
        IsClosed = true;
        Handler = null;
        Leave(reset: true);
        handler?.OnBroken();
    }

    /// <inheritdoc/>
    public void OnSent()
    {
        if (IsClosed)
        {
            Settle();
        }
        else
        {
            Handler?.OnSent();
        }
    }

    /// <inheritdoc/>
    public void OnEndSent()
    {
        if (IsClosed)
        {
            Settle();
        }
    }

    /// <summary>Nothing can be sent any more. What the peer has sent before may still be read.</summary>
    public void OnOutletBroken()
    {
        if (!IsGone && !_breakIsTold && (IsClosed || !WillLearnOfLoss))
        {
            _breakIsTold = true;
            Dispatch(new Broken(this));
        }
    }

    /// <summary>Gives everything back. Called once.</summary>
    protected abstract void Release(bool reset);

    /// <summary>Has a closed link read, to drop what comes.</summary>
    protected abstract void ReadOn();

    /// <summary>The lane of a link that is closing.</summary>
    protected abstract ConnectionLane ClosingLane { get; }

    /// <summary>A closed link looks at what it still waits for.</summary>
    protected void Settle()
    {
        if (IsGone)
        {
            return;
        }

        if (Outlet!.IsBroken || (Outlet.HasEnded && (HasPeerEnded || !Outlet.CanHalfClose)))
        {
            Leave(reset: Outlet.IsBroken);
            return;
        }

        _linger ??= new Linger(this, ClosingLane);
        _linger.Wait(Outlet.HasEnded ? LingerTime : ClosingLane.Engine.Options.IdleTimeout);
    }

    protected void Leave(bool reset)
    {
        if (IsGone)
        {
            return;
        }

        IsGone = true;
        _linger?.Stop();
        Outlet?.Release();
        Release(reset);
    }

    /// <summary>Ends a closed link whose peer neither takes what is left nor goes.</summary>
    private sealed class Linger(LaneLink link, ConnectionLane lane) : Timed
    {
        private int _unsent;

        public void Wait(TimeSpan time)
        {
            _unsent = link.Unsent;
            SetDue(lane, lane.Now + (long)(time.TotalSeconds * lane.Engine.Time.TimestampFrequency));
        }

        public void Stop() => SetDue(lane, Never);

        public override void OnDue()
        {
            if (link.Unsent < _unsent)
            {
                Wait(lane.Engine.Options.IdleTimeout);
            }
            else
            {
                // A peer that has all and does not go is cut without a reset, which might cost it what it has not read.
                link.Leave(reset: !link.Outlet!.HasEnded);
            }
        }
    }

    private sealed class Broken(LaneLink link) : LaneEvent
    {
        public override void Run(ConnectionLane lane) => link.Fail();
    }
}
