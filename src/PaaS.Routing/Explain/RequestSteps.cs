using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Routing;

/// <summary>Tells a trace in sentences.</summary>
internal static class RequestSteps
{
    public static ImmutableArray<string> Of(RequestTrace trace)
    {
        var steps = ImmutableArray.CreateBuilder<string>();
        steps.Add(trace.HostMatch switch
        {
            HostMatch.Exact => $"{trace.MatchedName} is a name of {trace.AppName}.",
            HostMatch.Wildcard => $"{trace.Host} is covered by {trace.MatchedName}, a name of {trace.AppName}.",
            _ => $"The route table led from {trace.Host} to {trace.AppName}.",
        });
        if (trace.Waited > TimeSpan.Zero)
        {
            steps.Add($"Waited {Time(trace.Waited)} for a dyno that could be tried.");
        }

        foreach (var attempt in trace.Attempts)
        {
            steps.Add($"{Draw(attempt)}: {Outcome(attempt)}.");
        }

        if (trace.AttemptCount > trace.Attempts.Length)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"Went on with {trace.AttemptCount - trace.Attempts.Length} more attempts."));
        }

        if (trace.SentAfter is { } sent)
        {
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"The whole request was with the dyno after {Time(sent)} ({trace.BytesIn} bytes of body)."));
        }

        if (trace.FirstByteAfter is { } first)
        {
            steps.Add($"The first byte of the response came after {Time(first)}.");
        }

        steps.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{(trace.Code is null ? string.Empty : trace.Code + ": ")}{trace.Rule} {(trace.Status == 0 ? "No status" : $"Status {trace.Status}")}, {trace.BytesOut} bytes of body, all in {Time(trace.Duration)}."));
        return steps.ToImmutable();
    }

    private static string Draw(AttemptTrace attempt)
    {
        var left = attempt.LeftOut == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {attempt.LeftOut} left out after a failed connect");
        return string.Create(CultureInfo.InvariantCulture, $"After {Time(attempt.At)} drew {attempt.Dyno} ({attempt.Address}) out of {attempt.Candidates}{left}");
    }

    private static string Outcome(AttemptTrace attempt) => attempt.Outcome switch
    {
        AttemptOutcome.Reused => "took a kept connection",
        AttemptOutcome.Connected => $"connected in {Time(attempt.Took)}",
        AttemptOutcome.Refused => $"refused after {Time(attempt.Took)}, quarantined",
        AttemptOutcome.Lacked => "not tried: the router's machine has no socket, port or memory left for it",
        AttemptOutcome.TimedOut => $"no connection in {Time(attempt.Took)}, quarantined",
        AttemptOutcome.Stale => "the kept connection had been closed by the dyno, so the request went out once more",
        _ => throw new ArgumentOutOfRangeException(nameof(attempt), attempt.Outcome, "There is no such outcome."),
    };

    private static string Time(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
    };
}
