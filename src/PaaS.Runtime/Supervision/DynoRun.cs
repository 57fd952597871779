using System.Net;

namespace PaaS.Runtime;

/// <summary>One start of a dyno, from the order to launch it until nothing of it is left.</summary>
internal sealed record DynoRun
{
    /// <summary>Its number among all starts of this supervisor, from 1.</summary>
    public required long Number { get; init; }

    public required Guid Id { get; init; }

    public required DynoName Name { get; init; }

    public required RunningRelease Release { get; init; }

    public required string Command { get; init; }

    public required DynoSize Size { get; init; }

    public DynoPhase Phase { get; init; } = DynoPhase.Launching;

    /// <summary>Where it is to listen; web dynos only, from <see cref="DynoPhase.Starting"/> on.</summary>
    public IPEndPoint? Address { get; init; }

    public required DateTimeOffset LaunchedAt { get; init; }

    public DateTimeOffset? UpSince { get; init; }

    /// <summary>The memory it used at its last sample over its quota.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Why it never got ready, as far as that is known before it has ended.</summary>
    public string? Failure { get; init; }

    public bool Listens => Name.Type == ProcessType.Web;

    public DynoKind Kind => Listens ? DynoKind.Web : DynoKind.Worker;

    /// <summary>What it must answer besides listening, if anything.</summary>
    public HealthCheck? HealthCheck => Listens ? Release.Slug.Manifest?.HealthChecks.GetValueOrDefault(ProcessType.Web) : null;
}
