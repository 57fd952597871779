using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What of an app's <c>app.json</c> goes with its slug.</summary>
public sealed record AppManifest
{
    /// <summary>No manifest, or one that says nothing of what the platform reads.</summary>
    public static AppManifest Empty { get; } = new();

    /// <summary>Commands to run by the clock.</summary>
    public ImmutableArray<CronEntry> Cron { get; init; } = [];

    /// <summary>How a process type's readiness is checked beyond its port; <c>web</c> only.</summary>
    public ImmutableSortedDictionary<ProcessType, HealthCheck> HealthChecks { get; init; } = ImmutableSortedDictionary<ProcessType, HealthCheck>.Empty;
}

/// <summary>A command to run by the clock, as <c>app.json</c> has it.</summary>
/// <param name="Schedule">A cron expression of five fields, in UTC.</param>
/// <param name="Command">The command.</param>
/// <param name="Size">The size of its dynos; <see langword="null"/> for the default.</param>
public sealed record CronEntry(string Schedule, string Command, DynoSize? Size = null);

/// <summary>A request that a new web dyno must answer with a status below 400 before it takes others.</summary>
/// <param name="Path">The path, with its leading slash.</param>
/// <param name="Attempts">How often it is tried, from 1.</param>
/// <param name="Timeout">How long one try may take.</param>
/// <param name="Wait">The pause between two tries.</param>
/// <param name="Content">A text that the answer must hold in its first 64 KiB; <see langword="null"/> if any answer will do.</param>
public sealed record HealthCheck(string Path, int Attempts, TimeSpan Timeout, TimeSpan Wait, string? Content = null);
