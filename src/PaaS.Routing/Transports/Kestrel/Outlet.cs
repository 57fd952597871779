namespace PaaS.Routing;

/// <summary>Whose outlet it is: told what comes of sending, on the lane.</summary>
internal interface IOutletOwner
{
    /// <summary>Takes an event to the lane.</summary>
    void Dispatch(LaneEvent @event);

    /// <summary>All is sent, after something was unsent.</summary>
    void OnSent();

    /// <summary>The end of the stream is sent, after it could not be at once.</summary>
    void OnEndSent();

    /// <summary>Nothing can be sent any more. May be called from within <see cref="Outlet.Send"/>.</summary>
    void OnOutletBroken();
}

/// <summary>The sending side of a connection: sends at once what it can, keeps the rest and sends it as the other end takes it.</summary>
internal abstract class Outlet
{
    public required IOutletOwner Owner { get; init; }

    /// <summary>Bytes that were not taken yet.</summary>
    public abstract int Unsent { get; }

    /// <summary>Nothing can be sent any more; what is given is dropped.</summary>
    public bool IsBroken { get; protected set; }

    /// <summary>The end of the stream was sent.</summary>
    public bool HasEnded { get; protected set; }

    /// <summary>Whether the end of the stream can be sent and the peer still be heard. If not, the connection has to be left for its end to be seen.</summary>
    public abstract bool CanHalfClose { get; }

    /// <summary>An operation is under way that will report to the lane.</summary>
    public abstract bool IsSending { get; }

    /// <summary>Nothing is sent behind this.</summary>
    protected bool IsEnding { get; private set; }

    public abstract void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third);

    /// <summary>Ends the stream behind what is unsent.</summary>
    public void End()
    {
        if (IsEnding)
        {
            return;
        }

        IsEnding = true;
        if (!IsSending)
        {
            Finish();
        }
    }

    /// <summary>The link is gone: gives back what is held.</summary>
    public abstract void Release();

    /// <summary>All is sent, and the stream is to end.</summary>
    protected abstract void Finish();
}
