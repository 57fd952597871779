namespace PaaS.Routing;

/// <summary>A failure of a request as Heroku names it. Failures are values; the numbers carry the blame: H1x to H3x app or client, H8x wanted states, H99 ours.</summary>
/// <param name="Code">The code in the log line.</param>
/// <param name="Desc">The text in the log line.</param>
/// <param name="Status">The status that the client gets if no response has begun. 499: the client is gone, nothing is sent.</param>
internal sealed record RouterError(string Code, string Desc, int Status)
{
    /// <summary>How bad: <c>error</c>, <c>warning</c> for what the client did, <c>info</c> for a wanted state.</summary>
    public string At { get; private init; } = "error";

    /// <summary>Which end broke, <c>client</c> or <c>backend</c>, for the codes that say so.</summary>
    public string? Sock { get; private init; }

    /// <summary>The cause, for the codes that have several.</summary>
    public string? Cause { get; private init; }

    public static RouterError AppCrashed { get; } = new("H10", "App crashed", 503);

    public static RouterError BacklogTooDeep { get; } = new("H11", "Backlog too deep", 503);

    public static RouterError RequestTimeout { get; } = new("H12", "Request timeout", 503);

    public static RouterError ClosedWithoutResponse { get; } = new("H13", "Connection closed without response", 503);

    public static RouterError NoWebProcesses { get; } = new("H14", "No web processes running", 503);

    public static RouterError IdleConnection { get; } = new("H15", "Idle connection", 503);

    public static RouterError PoorlyFormattedResponse { get; } = new("H17", "Poorly formatted HTTP response", 503);

    public static RouterError ServerInterrupted { get; } = new("H18", "Server Request Interrupted", 503) { Sock = "backend" };

    public static RouterError ConnectTimeout { get; } = new("H19", "Backend connection timeout", 503);

    public static RouterError BootTimeout { get; } = new("H20", "App boot timeout", 503);

    public static RouterError ConnectRefused { get; } = new("H21", "Backend connection refused", 503);

    public static RouterError ConnectionLimit { get; } = new("H22", "Connection limit reached", 503);

    public static RouterError ForcedClose { get; } = new("H24", "Forced close", 503);

    public static RouterError InvalidContentLength { get; } = new("H25", "HTTP restriction: invalid content length", 502);

    public static RouterError OversizedCookie { get; } = new("H25", "HTTP restriction: oversized cookie", 502);

    public static RouterError OversizedHeader { get; } = new("H25", "HTTP restriction: oversized header", 502);

    public static RouterError OversizedStatusLine { get; } = new("H25", "HTTP restriction: oversized status line", 502);

    public static RouterError UnknownExpect { get; } = new("H26", "Request Error", 417) { Cause = "unsupported expect header value" };

    public static RouterError BadChunk { get; } = new("H26", "Request Error", 400) { Cause = "bad chunk" };

    public static RouterError ClientInterrupted { get; } = new("H27", "Client Request Interrupted", 499) { At = "warning", Sock = "client" };

    public static RouterError ClientIdle { get; } = new("H28", "Client Connection Idle", 499) { At = "warning" };

    public static RouterError Misdirected { get; } = new("H31", "Misdirected Request", 421);

    public static RouterError AllQuarantined { get; } = new("H34", "All up dynos are quarantined", 503);

    public static RouterError Maintenance { get; } = new("H80", "Maintenance mode", 503) { At = "info" };

    public static RouterError BlankApp { get; } = new("H81", "Blank app", 503) { At = "info" };

    public static RouterError PlatformError { get; } = new("H99", "Platform error", 503);
}
