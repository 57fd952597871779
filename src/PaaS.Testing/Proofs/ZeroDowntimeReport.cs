using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace PaaS.Testing;

/// <summary>How many requests of a kind were sent.</summary>
/// <param name="Kind">GET, upload, slow, WebSocket.</param>
/// <param name="Requests">How many, failed ones included. Of WebSocket: handshakes.</param>
/// <param name="Failed">How many failed.</param>
public sealed record RequestCount(string Kind, int Requests, int Failed);

/// <summary>What became of every request of a <see cref="ZeroDowntimeProof"/>.</summary>
/// <param name="Counts">Each kind that was asked.</param>
/// <param name="Failures">What failed, by kind and cause.</param>
/// <param name="LeftOut">The kinds that were not asked, and why.</param>
/// <param name="Echoes">WebSocket messages that came back.</param>
/// <param name="Closed">WebSocket sessions that the dyno ended with a close frame, no younger than <see cref="ZeroDowntimeOptions.DrainTimeout"/>. The client connected again; that is no failure.</param>
/// <param name="Cut">WebSocket sessions of that age that ended without a close frame, as they do when a dyno is stopped that sends none. No failure either.</param>
/// <param name="Duration">How long the load ran.</param>
public sealed record ZeroDowntimeReport(
    ImmutableArray<RequestCount> Counts,
    ImmutableArray<FailedRequests> Failures,
    ImmutableArray<string> LeftOut,
    int Echoes,
    int Closed,
    int Cut,
    TimeSpan Duration)
{
    /// <summary>All requests.</summary>
    public int Requests => Counts.Sum(static count => count.Requests);

    /// <summary>All requests that failed.</summary>
    public int Failed => Counts.Sum(static count => count.Failed);

    /// <summary>Whether there were requests and none failed.</summary>
    public bool Holds => Failed == 0 && Requests > 0;

    /// <summary>A table of the kinds, the failures by cause, and last <c>0 failed of N requests</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{string.Empty,-10}{"requests",10}{"failed",8}\n");
        foreach (var count in Counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{count.Kind,-10}{count.Requests,10:N0}{count.Failed,8:N0}");
            text.Append(count.Kind == ProofTally.WebSocket
                ? string.Create(CultureInfo.InvariantCulture, $"   {Echoes:N0} messages came back; reconnected after {Closed:N0} sessions that the dyno closed and {Cut:N0} that were cut\n")
                : "\n");
        }

        foreach (var reason in LeftOut)
        {
            text.Append("left out: ").Append(reason).Append('\n');
        }

        foreach (var failure in Failures)
        {
            text.Append(CultureInfo.InvariantCulture, $"FAILED {failure.Kind}, {Name(failure.Cause)}: {failure.Count:N0}; the first {failure.Example}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{Failed:N0} failed of {Requests:N0} requests in {Duration.TotalSeconds:N0} s\n").ToString();
    }

    private static string Name(FailureCause cause) => cause switch
    {
        FailureCause.ConnectRefused => "connection refused",
        FailureCause.Reset => "connection closed",
        FailureCause.Timeout => "timed out",
        FailureCause.Status => "wrong status",
        FailureCause.Truncated => "broke off",
        _ => "wrong content",
    };
}
