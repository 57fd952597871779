using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What of an app's <c>app.json</c> goes with its slug.</summary>
public sealed record AppManifest
{
    /// <summary>The largest <c>app.json</c> in bytes: 65,536.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>No manifest, or one that says nothing of what the platform reads.</summary>
    public static AppManifest Empty { get; } = new();

    /// <summary>Commands to run by the clock.</summary>
    public ImmutableArray<CronEntry> Cron { get; init; } = [];

    /// <summary>How a process type's readiness is checked beyond its port; <c>web</c> only.</summary>
    public ImmutableSortedDictionary<ProcessType, HealthCheck> HealthChecks { get; init; } = ImmutableSortedDictionary<ProcessType, HealthCheck>.Empty;

    /// <summary>
    /// Reads an <c>app.json</c>: <c>cron</c> and <c>healthchecks</c> in Dokku's form. Everything else in it belongs to setups and
    /// is passed over, as on Heroku's pushes. A file that is no JSON is a warning; an entry of <c>cron</c> or
    /// <c>healthchecks</c> that cannot be carried out is an error. Never throws on content.
    /// </summary>
    /// <param name="text">The file's text.</param>
    /// <param name="diagnostics">What its author should know.</param>
    /// <returns>What could be read of it.</returns>
    public static AppManifest Parse(string text, out ImmutableArray<ManifestDiagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new AppManifestReader();
        var manifest = reader.Read(text);
        diagnostics = reader.Diagnostics;
        return manifest;
    }
}

/// <summary>Something the author of an <c>app.json</c> should know.</summary>
/// <param name="Place">Where: <c>line 3</c>, or a path such as <c>cron[0].schedule</c>.</param>
/// <param name="Message">What is wrong, and how to mend it.</param>
/// <param name="IsError">Whether it stops a deploy; otherwise it is a warning.</param>
public sealed record ManifestDiagnostic(string Place, string Message, bool IsError)
{
    /// <summary>As a build shows it: <c>app.json, cron[0].schedule: …</c></summary>
    public override string ToString() => $"app.json, {Place}: {Message}";
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
