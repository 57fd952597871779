namespace PaaS.Testing;

/// <summary>Why a request of a <see cref="ZeroDowntimeProof"/> failed.</summary>
public enum FailureCause
{
    /// <summary>The router took no connection.</summary>
    ConnectRefused,

    /// <summary>The connection was reset or closed before the answer began.</summary>
    Reset,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>An answer with a status that the request does not have by itself: an error of the router's or the app's.</summary>
    Status,

    /// <summary>An answer that breaks off.</summary>
    Truncated,

    /// <summary>An answer that is whole and not the one to this request.</summary>
    WrongContent,
}

/// <summary>Failed requests of one kind with one cause.</summary>
/// <param name="Kind">The kind of request: GET, upload, slow, WebSocket.</param>
/// <param name="Cause">The cause.</param>
/// <param name="Count">How many.</param>
/// <param name="Example">What the first of them was answered, and when.</param>
public sealed record FailedRequests(string Kind, FailureCause Cause, int Count, string Example);

/// <summary>A request failed.</summary>
internal sealed class RequestFailedException(FailureCause cause, string message, Exception? inner = null) : Exception(message, inner)
{
    public FailureCause Cause => cause;
}
