using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>A slug's manifest as it stands in the journal, and back.</summary>
internal static class ManifestCodec
{
    public static EventData.ManifestData Describe(AppManifest manifest) => new(
        [.. manifest.Cron.Select(entry => new EventData.CronData(entry.Schedule, entry.Command, entry.Size?.ToString()))],
        new SortedDictionary<string, EventData.HealthCheckData>(
            manifest.HealthChecks.ToDictionary(pair => pair.Key.ToString(), pair => Describe(pair.Value)), StringComparer.Ordinal));

    public static AppManifest Rebuild(EventData.ManifestData data) => new()
    {
        Cron = [.. data.Cron.Select(entry => new CronEntry(entry.Schedule, entry.Command, entry.Size is { } size ? DynoSize.Parse(size) : null))],
        HealthChecks = data.HealthChecks.ToImmutableSortedDictionary(pair => ProcessType.Parse(pair.Key), pair => Rebuild(pair.Value)),
    };

    private static EventData.HealthCheckData Describe(HealthCheck check) =>
        new(check.Path, check.Attempts, (long)check.Timeout.TotalMilliseconds, (long)check.Wait.TotalMilliseconds, check.Content);

    private static HealthCheck Rebuild(EventData.HealthCheckData data) =>
        new(data.Path, data.Attempts, TimeSpan.FromMilliseconds(data.Timeout), TimeSpan.FromMilliseconds(data.Wait), data.Content);
}
