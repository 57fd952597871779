using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>What all lanes of a router share: its tables, limits, policies and records. Safe for threads.</summary>
internal sealed class RouterEngine
{
    public required IRouteTable Routes { get; init; }

    public required RouterOptions Options { get; init; }

    /// <summary>How large heads may be, by the options.</summary>
    public HeadLimits HeadLimits => field ??= Options.HeadLimits;

    public required RouterPolicies Policies { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>The dynos that this router leaves alone for a while.</summary>
    public required Quarantine Quarantine { get; init; }

    /// <summary>How many requests of an app wait for a dyno (H11).</summary>
    public WaitingRequests Waiting { get; } = new();

    /// <summary>Writes the line, the trace, the metrics and the span of a request that is over.</summary>
    public required RequestRecorder Recorder { get; init; }

    /// <summary>Set when the router stops: no connection is kept any more.</summary>
    public bool IsStopping { get; set; }
}
