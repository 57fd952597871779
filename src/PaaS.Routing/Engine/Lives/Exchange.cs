namespace PaaS.Routing;

/// <summary>The life of one request: finds its dyno, sends it, relays the response, and says at the end what became of it.</summary>
internal sealed class Exchange : Timed
{
    /// <summary>Begins: what is wrong with the request, the app or its dynos is answered by the exchange itself, and so is everything after.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="client">The client.</param>
    /// <param name="info">Its connection.</param>
    /// <param name="head">The head, read from <paramref name="input"/>.</param>
    /// <param name="input">The bytes.</param>
    /// <param name="protocol"><c>http1.1</c>, <c>http1.0</c> or <c>http2.0</c>.</param>
    public void Begin(Lane lane, IClientHalf client, ClientInfo info, RequestHead head, ReadOnlySpan<byte> input, string protocol) => throw new NotImplementedException();

    /// <summary>Whether bytes of the body may be given now. If not, <see cref="IClientHalf.ResumeBody"/> says when.</summary>
    public bool TakesBody => throw new NotImplementedException();

    /// <summary>Bytes of the request's body, decoded; or of a tunnel.</summary>
    public void SendBody(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>The body is whole.</summary>
    public void EndBody(ReadOnlySpan<byte> trailers) => throw new NotImplementedException();

    /// <summary>The client's end of a tunnel has ended.</summary>
    public void EndTunnel() => throw new NotImplementedException();

    /// <summary>The body is not what it should be (H26).</summary>
    public void BadBody() => throw new NotImplementedException();

    /// <summary>Sends what was gathered for the dyno.</summary>
    public void Flush() => throw new NotImplementedException();

    /// <summary>The client took what was unsent.</summary>
    public void OnClientSent() => throw new NotImplementedException();

    /// <summary>The client is gone (H27).</summary>
    public void OnClientGone() => throw new NotImplementedException();

    /// <summary>The router's time to stop is over, or the dyno's to drain (H24).</summary>
    public void CutOff() => throw new NotImplementedException();

    public override void OnDue() => throw new NotImplementedException();
}
