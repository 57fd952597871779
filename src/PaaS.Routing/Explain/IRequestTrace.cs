namespace PaaS.Routing;

/// <summary>
/// What a router knew and did for each of its last requests, as many as <see cref="RouterOptions.TraceCapacity"/> says. A request is there from its end
/// on; one of a host name that no app has leaves none. Safe for threads.
/// </summary>
public interface IRequestTrace
{
    /// <summary>Finds a request.</summary>
    /// <param name="requestId">Its id, as in the log line and in X-Request-Id. Clients may choose it, so several requests may have the same: the newest is found.</param>
    /// <param name="app">Only a request of this app; <see langword="null"/>: of any.</param>
    /// <returns>The trace, or <see langword="null"/> if there is none, or not any more.</returns>
    RequestTrace? Find(string requestId, AppId? app = null);

    /// <summary>The last requests, newest first.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="app">Only requests of this app; <see langword="null"/>: of any.</param>
    /// <returns>As many as there are, up to <paramref name="count"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    IReadOnlyList<RequestTrace> Recent(int count, AppId? app = null);
}
