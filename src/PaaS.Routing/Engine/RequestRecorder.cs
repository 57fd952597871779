namespace PaaS.Routing;

/// <summary>What is kept of a request when it is over: one line in the app's log, a trace, metrics, a span, and a word to the embedder's observer.</summary>
internal sealed class RequestRecorder
{
    /// <summary>A request of a known app has begun. May open a span in <see cref="RequestFacts.Activity"/>.</summary>
    public void Begun(RequestFacts facts, ReadOnlySpan<byte> traceParent) => throw new NotImplementedException();

    /// <summary>It is over. Called exactly once for each request of a known app.</summary>
    public void Done(RequestFacts facts, ReadOnlySpan<byte> head) => throw new NotImplementedException();

    /// <summary>The answer to an error: the embedder's page, the app's, or the router's own; JSON for who asks for it.</summary>
    public ErrorAnswer Answer(RequestFacts facts, RouterError error, ReadOnlySpan<byte> head) => throw new NotImplementedException();

    /// <summary>The answer to a host name that no app has (404).</summary>
    public ErrorAnswer NoSuchApp(ReadOnlySpan<byte> requestId, bool json) => throw new NotImplementedException();

    /// <summary>The answer to a request that is refused before any lookup.</summary>
    public ErrorAnswer Refused(RequestRefusal refusal, ReadOnlySpan<byte> requestId, bool json) => throw new NotImplementedException();
}
