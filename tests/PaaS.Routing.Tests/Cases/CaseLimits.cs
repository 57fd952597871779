using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>The cases that are not simply passed. docs/router-cases.md has the same lists.</summary>
internal static class CaseLimits
{
    /// <summary>What a mended case has behind its id.</summary>
    public const string Mended = "-mended";

    /// <summary>What can't be passed on a front, because of what stands between the router and the wire there.</summary>
    private static readonly Dictionary<(string Front, string Id), string> Impossible = new()
    {
        [("pipeline", "head-03")] = "Of `Connection: close, x-hop` Kestrel passes on only `close`: what else it names can't be known, so it is not removed.",
        [("pipeline", "frame-19")] = "Kestrel reads `Content-Length: +5` as 5 and passes on the number, not the text. The dyno gets a correct length.",
        [("pipeline", "chunk-16")] = "Kestrel has no trailers in HTTP/1.1 responses, so the dyno's are dropped. HTTP/2 clients get them.",
        [("pipeline", "up-07")] = "Kestrel does not upgrade a request that has a body: it goes to the dyno as a plain one.",
    };

    /// <summary>What no router can pass that follows the other cases, too.</summary>
    private static readonly Dictionary<string, Dispute> Disputes = new()
    {
        ["time-05"] = new(
            "The node waits 3 s for a request that takes 4.5 s to send, and answers then. By resp-14 such an answer is relayed at once and ends the upload.",
            "{\"read\": \"message\"}",
            "{\"read\": \"message\", \"timeout_ms\": 6000}"),
    };

    /// <summary>Why a case is not passed on a front; null if it is.</summary>
    public static string? ReasonFor(string front, string id) => Impossible.GetValueOrDefault((front, id)) ?? Disputes.GetValueOrDefault(id)?.Reason;

    /// <summary>Each case with its id and reason, for the documentation.</summary>
    public static IEnumerable<(string Id, string Reason)> All =>
        Impossible.Select(pair => (pair.Key.Id, pair.Value)).Concat(Disputes.Select(pair => (pair.Key, pair.Value.Reason)));

    /// <summary>The case as it is meant, if it is disputed: this one is to be passed.</summary>
    public static RouterCase? MendedFormOf(string id, string line) => Disputes.GetValueOrDefault(id) is { } dispute
        ? new RouterCase(JsonElement.Parse(line.Replace($"\"id\": \"{id}\"", $"\"id\": \"{id}{Mended}\"", StringComparison.Ordinal).Replace(dispute.Text, dispute.Instead, StringComparison.Ordinal)))
        : null;

    /// <param name="Reason">What is wrong.</param>
    /// <param name="Text">The text of the case that is.</param>
    /// <param name="Instead">What it should be.</param>
    private sealed record Dispute(string Reason, string Text, string Instead);
}
