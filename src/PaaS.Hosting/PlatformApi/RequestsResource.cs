using PaaS.Routing;

namespace PaaS.Hosting;

/// <summary>One attempt at a dyno. Times are in milliseconds.</summary>
internal sealed record RequestAttemptBody(string Dyno, string Address, int Candidates, int LeftOut, decimal AtMs, decimal TookMs, string Outcome);

/// <summary>What the router knew and did. Times are in milliseconds and counted from when the request's head was complete.</summary>
internal sealed record RequestBody
{
    public required string Id { get; init; }

    public required AppReference App { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Host { get; init; }

    public required string HostMatch { get; init; }

    public string? MatchedName { get; init; }

    public required string Protocol { get; init; }

    public string? TlsVersion { get; init; }

    public int Status { get; init; }

    public string? Code { get; init; }

    public required string Rule { get; init; }

    public required IReadOnlyList<string> Steps { get; init; }

    public required IReadOnlyList<string> Dynos { get; init; }

    public required IReadOnlyList<RequestAttemptBody> Attempts { get; init; }

    public int AttemptCount { get; init; }

    public string? Dyno { get; init; }

    public decimal WaitedMs { get; init; }

    public decimal? ConnectingMs { get; init; }

    public decimal? ConnectedAfterMs { get; init; }

    public decimal? SentAfterMs { get; init; }

    public decimal? FirstByteAfterMs { get; init; }

    public decimal DurationMs { get; init; }

    public long BytesIn { get; init; }

    public long BytesOut { get; init; }

    public bool Upgraded { get; init; }
}

/// <summary><c>/apps/{app}/requests/{id}</c>, of this platform's own: why a request ended as it did.</summary>
internal sealed class RequestsResource(Platform platform)
{
    public void Map(ApiRoutes routes) => routes.Get("/apps/{app}/requests/{id}", InfoAsync);

    private async Task InfoAsync(ApiRequest request)
    {
        var outcome = platform.ExplainRequest(request.Actor, request.Route("app"), request.Route("id"));
        if (outcome.TryGet(out var trace, out var refusal))
        {
            await request.WriteAsync(Of(trace), ApiJson.Readable.RequestBody);
            return;
        }

        await request.WriteAsync(refusal, platform.FindApp(request.Actor, request.Route("app")).Refusal is null ? "request" : "app");
    }

    private static RequestBody Of(RequestTrace trace) => new()
    {
        Id = trace.RequestId,
        App = new AppReference(trace.App.Value, trace.AppName.ToString()),
        StartedAt = trace.StartedAt,
        Method = trace.Method,
        Path = trace.Target,
        Host = trace.Host,
        HostMatch = trace.HostMatch switch
        {
            HostMatch.Exact => "exact",
            HostMatch.Wildcard => "wildcard",
            _ => "table",
        },
        MatchedName = trace.MatchedName,
        Protocol = trace.Protocol,
        TlsVersion = trace.TlsVersion,
        Status = trace.Status,
        Code = trace.Code,
        Rule = trace.Rule,
        Steps = trace.Steps,
        Dynos = trace.Dynos,
        Attempts = [.. trace.Attempts.Select(Of)],
        AttemptCount = trace.AttemptCount,
        Dyno = trace.Dyno,
        WaitedMs = Milliseconds(trace.Waited),
        ConnectingMs = Milliseconds(trace.Connecting),
        ConnectedAfterMs = Milliseconds(trace.ConnectedAfter),
        SentAfterMs = Milliseconds(trace.SentAfter),
        FirstByteAfterMs = Milliseconds(trace.FirstByteAfter),
        DurationMs = Milliseconds(trace.Duration),
        BytesIn = trace.BytesIn,
        BytesOut = trace.BytesOut,
        Upgraded = trace.IsUpgraded,
    };

    private static RequestAttemptBody Of(AttemptTrace attempt) => new(
        attempt.Dyno,
        attempt.Address,
        attempt.Candidates,
        attempt.LeftOut,
        Milliseconds(attempt.At),
        Milliseconds(attempt.Took),
        attempt.Outcome switch
        {
            AttemptOutcome.Reused => "reused",
            AttemptOutcome.Connected => "connected",
            AttemptOutcome.Refused => "refused",
            AttemptOutcome.TimedOut => "timed_out",
            AttemptOutcome.Lacked => "lacked",
            AttemptOutcome.Stale => "stale",
            _ => throw new NotSupportedException($"Unknown outcome {attempt.Outcome}."),
        });

    /// <summary>To the microsecond; what is finer says nothing.</summary>
    private static decimal Milliseconds(TimeSpan time) => decimal.Round((decimal)time.Ticks / TimeSpan.TicksPerMillisecond, 3);

    private static decimal? Milliseconds(TimeSpan? time) => time is { } value ? Milliseconds(value) : null;
}
