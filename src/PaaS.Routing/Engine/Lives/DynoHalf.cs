namespace PaaS.Routing;

/// <summary>A connection to a dyno: sends requests to it and reads the responses, for one exchange after the other.</summary>
internal sealed class DynoHalf : IDynoLinkHandler
{
    /// <param name="dyno">The dyno.</param>
    /// <param name="link">The connection, which begins to be made.</param>
    public DynoHalf(DynoEndpoint dyno, Link link) => throw new NotImplementedException();

    public DynoEndpoint Dyno => throw new NotImplementedException();

    public Link Link => throw new NotImplementedException();

    /// <summary>The dyno's time to drain is over: called by the lane for each half that is connecting or has a request.</summary>
    public void OnExpired() => throw new NotImplementedException();

    public void OnConnected() => throw new NotImplementedException();

    public void OnConnectFailed(bool timedOut) => throw new NotImplementedException();

    public int OnBytes(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    public void OnEnd() => throw new NotImplementedException();

    public void OnBroken() => throw new NotImplementedException();

    public void OnSent() => throw new NotImplementedException();
}
