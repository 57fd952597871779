namespace PaaS.Routing;

/// <summary>
/// A connection as the engine sees it: a pipe for bytes. Calls of a link and of its handler come one at a time, on the lane of their request.
/// No call waits and none calls the handler back from within. What can't be sent at once is kept by the link; the engine looks at
/// <see cref="Unsent"/> and makes the other end pause. That sending has failed is told only after all that the peer sent before was offered: a
/// dyno may answer, and close on the rest of the request.
/// </summary>
internal abstract class Link
{
    /// <summary>Who is told what happens.</summary>
    public ILinkHandler? Handler { get; set; }

    /// <summary>Bytes that were given to <see cref="Send"/> and are not with the kernel yet.</summary>
    public abstract int Unsent { get; }

    /// <summary>Sends three stretches as one: in one system call where the transport can.</summary>
    public abstract void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default);

    /// <summary>
    /// No <see cref="ILinkHandler.OnBytes"/> until <see cref="Resume"/>. That a client has reset the connection is told all the same, at once; that a dyno has, when
    /// what it sent before is read. The end of the stream is told if nothing is left to read before it, else <see cref="ILinkHandler.OnEndAhead"/>.
    /// </summary>
    public abstract void Pause();

    /// <summary>Goes on. Bytes that the handler left before are offered again, not within this call.</summary>
    public abstract void Resume();

    /// <summary>Sends an end of stream (FIN) behind what is unsent. The peer may still send.</summary>
    public abstract void End();

    /// <summary>
    /// Closes for good when all is sent. The handler is not called any more. Bytes that the peer still sends are read and dropped for a short
    /// while, so that a reset does not overtake the last answer (RFC 9112, 9.6).
    /// </summary>
    public abstract void Close();

    /// <summary>Closes at once with a reset; what is unsent is lost, and the peer sees that. The handler is not called any more.</summary>
    public abstract void Abort();
}

/// <summary>The machine behind a link.</summary>
internal interface ILinkHandler
{
    /// <summary>Bytes have come.</summary>
    /// <param name="bytes">What was not taken before, and what is new.</param>
    /// <returns>How many were taken. The rest is offered again with more behind it, or after <see cref="Link.Resume"/>.</returns>
    int OnBytes(ReadOnlySpan<byte> bytes);

    /// <summary>The peer sends no more (FIN). Bytes that were not taken will not be offered again, unless the link was paused: then they come first, and this after them.</summary>
    void OnEnd();

    /// <summary>
    /// The link is paused, and the peer sends no more behind the bytes that are still unread: a client that waits for nothing any more may be noticed by this.
    /// Called at most once; <see cref="OnEnd"/> still comes, behind the bytes. A transport that can't see it does not call this.
    /// </summary>
    void OnEndAhead()
    {
    }

    /// <summary>The connection is lost; the link is closed already. Nothing is called after this.</summary>
    void OnBroken();

    /// <summary>All is sent, after <see cref="Link.Unsent"/> was not 0.</summary>
    void OnSent();
}

/// <summary>Why there is no connection to a dyno.</summary>
internal enum ConnectFailure
{
    /// <summary>The dyno refused, or there is no way to it.</summary>
    Refused,

    /// <summary>It did not answer in time.</summary>
    TimedOut,

    /// <summary>This machine has no socket, port or memory for it: no fault of the dyno's.</summary>
    Lack,
}

/// <summary>The machine behind a link to a dyno.</summary>
internal interface IDynoLinkHandler : ILinkHandler
{
    /// <summary>The connection stands.</summary>
    void OnConnected();

    /// <summary>There will be none; the link is closed already. Nothing is called after this.</summary>
    /// <param name="failure">Why.</param>
    void OnConnectFailed(ConnectFailure failure);
}

/// <summary>The machine behind a link to a client.</summary>
internal interface IClientLinkHandler : ILinkHandler
{
    /// <summary>The listener stops: an idle connection is closed, one with a request after its response.</summary>
    void Stop();

    /// <summary>The time to stop is over: what is still going on is ended.</summary>
    void CutOff();
}
