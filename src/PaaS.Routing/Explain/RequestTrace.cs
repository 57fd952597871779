using System.Collections.Immutable;

namespace PaaS.Routing;

/// <summary>How a request's host name led to its app.</summary>
public enum HostMatch
{
    /// <summary>The app has this very name.</summary>
    Exact,

    /// <summary>The app has a wildcard name that covers it.</summary>
    Wildcard,

    /// <summary>The embedder's <see cref="IRouteTable"/> led to the app by a rule of its own.</summary>
    Table,
}

/// <summary>One attempt at a dyno.</summary>
/// <param name="Dyno">The dyno that was drawn, such as <c>web.1</c>.</param>
/// <param name="Address">Where it listens, such as <c>127.0.0.1:20001</c>.</param>
/// <param name="Candidates">How many dynos it was drawn from.</param>
/// <param name="LeftOut">How many more there were, left alone after a connect that failed.</param>
/// <param name="At">When, from the end of the request's head.</param>
/// <param name="Took">How long connecting took.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record AttemptTrace(string Dyno, string Address, int Candidates, int LeftOut, TimeSpan At, TimeSpan Took, AttemptOutcome Outcome);

/// <summary>What the router knew and did for one request. Times are counted from the moment at which the request's head was complete.</summary>
public sealed record RequestTrace
{
    /// <summary>The request's id, as in its log line and in X-Request-Id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The app.</summary>
    public required AppId App { get; init; }

    /// <summary>The app's name at that time.</summary>
    public required AppName AppName { get; init; }

    /// <summary>When the request's head was complete.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The method; a character is a byte.</summary>
    public required string Method { get; init; }

    /// <summary>The target with its query, as received; a character is a byte. The first 512 bytes.</summary>
    public required string Target { get; init; }

    /// <summary>The Host header's value; a character is a byte. The first 255 bytes.</summary>
    public required string Host { get; init; }

    /// <summary>How the host name led to the app.</summary>
    public required HostMatch HostMatch { get; init; }

    /// <summary>The name that matched, such as <c>*.example.com</c>; <see langword="null"/> for <see cref="HostMatch.Table"/>.</summary>
    public string? MatchedName { get; init; }

    /// <summary><c>http1.1</c>, <c>http1.0</c> or <c>http2.0</c>: what the client spoke.</summary>
    public required string Protocol { get; init; }

    /// <summary><c>tls1.3</c> and the like; <see langword="null"/> if the connection was plain.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>The app's dynos that took requests, as the router last saw them for this request: up to the first 100.</summary>
    public ImmutableArray<string> Dynos { get; init; } = [];

    /// <summary>The draws of a dyno and what became of each, in order: up to the first 16.</summary>
    public ImmutableArray<AttemptTrace> Attempts { get; init; } = [];

    /// <summary>How many attempts were made in all.</summary>
    public int AttemptCount { get; init; }

    /// <summary>The dyno that had the request, or the last one tried; <see langword="null"/> if none was.</summary>
    public string? Dyno { get; init; }

    /// <summary>Time spent waiting for a dyno to start or to be tried again.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Time spent connecting, all attempts together; <see langword="null"/> if none was made.</summary>
    public TimeSpan? Connecting { get; init; }

    /// <summary>When a dyno was connected; <see langword="null"/> if it did not come to that.</summary>
    public TimeSpan? ConnectedAfter { get; init; }

    /// <summary>When the whole request had been sent to the dyno; <see langword="null"/> if it did not come to that.</summary>
    public TimeSpan? SentAfter { get; init; }

    /// <summary>When the first byte of the response came; <see langword="null"/> if it did not come to that.</summary>
    public TimeSpan? FirstByteAfter { get; init; }

    /// <summary>When all was over.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Bytes of the body that came from the client.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of the body that went to the client.</summary>
    public long BytesOut { get; init; }

    /// <summary>Whether the connection became a tunnel for another protocol, such as WebSocket.</summary>
    public bool IsUpgraded { get; init; }

    /// <summary>The status that the client got, or 499 if it went away; 0 if it got none.</summary>
    public int Status { get; init; }

    /// <summary>The H-code; <see langword="null"/> if nothing went wrong.</summary>
    public string? Code { get; init; }

    /// <summary>The rule that decided what became of the request, in words.</summary>
    public required string Rule { get; init; }

    /// <summary>The same in sentences, in the order in which it happened.</summary>
    public ImmutableArray<string> Steps => RequestSteps.Of(this);
}
