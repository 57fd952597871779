namespace PaaS.Routing;

/// <summary>A client's connection: reads one request after the other from its bytes, hands each to an exchange, and writes the responses in order.</summary>
internal sealed class RequestHalf : Timed, IClientLinkHandler, IClientHalf
{
    public RequestHalf(Lane lane, Link link, ClientInfo client) => throw new NotImplementedException();

    /// <summary>Called by the transport when the connection is gone, in whatever way: after it nothing is called.</summary>
    public Action<RequestHalf>? OnGone { get; set; }

    public int Unsent => throw new NotImplementedException();

    public bool IsOpen => throw new NotImplementedException();

    /// <summary>The router stops: an idle connection is closed, one with a request after its response.</summary>
    public void Stop() => throw new NotImplementedException();

    /// <summary>The time to stop is over: the request is ended (H24).</summary>
    public void CutOff() => throw new NotImplementedException();

    public int OnBytes(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    public void OnEnd() => throw new NotImplementedException();

    public void OnBroken() => throw new NotImplementedException();

    public void OnSent() => throw new NotImplementedException();

    public override void OnDue() => throw new NotImplementedException();

    public void SendContinue() => throw new NotImplementedException();

    public void SendInterim(ResponseHead head, ReadOnlySpan<byte> input) => throw new NotImplementedException();

    public void BeginResponse(ResponseHead head, ReadOnlySpan<byte> input, BodyFraming body, bool keepAlive) => throw new NotImplementedException();

    public void SendData(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    public void EndResponse(ReadOnlySpan<byte> trailers) => throw new NotImplementedException();

    public void BeginTunnel(ResponseHead head, ReadOnlySpan<byte> input) => throw new NotImplementedException();

    public void EndTunnel() => throw new NotImplementedException();

    public void SendError(in ErrorAnswer answer, bool keepAlive) => throw new NotImplementedException();

    public void Cut() => throw new NotImplementedException();

    public void Flush() => throw new NotImplementedException();

    public void PauseBody() => throw new NotImplementedException();

    public void ResumeBody() => throw new NotImplementedException();

    public void Done(bool keepAlive) => throw new NotImplementedException();
}
