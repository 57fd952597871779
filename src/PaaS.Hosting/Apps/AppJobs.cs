using System.Collections.Immutable;

namespace PaaS.Hosting;

/// <summary>All jobs of an app: those made by hand, and those of the <c>app.json</c> of the current release.</summary>
internal static class AppJobs
{
    public static ImmutableArray<ScheduledJob> Of(App app) => app.IsDestroyed ? [] : [.. app.Jobs, .. OfManifest(app)];

    /// <summary>Those of the current release's <c>app.json</c>. An entry that a release leaves as it was keeps its id, so that its occurrences stay the same.</summary>
    public static IEnumerable<ScheduledJob> OfManifest(App app)
    {
        var seen = new Dictionary<CronEntry, int>();
        foreach (var entry in app.Current?.Slug?.Manifest?.Cron ?? [])
        {
            var count = seen[entry] = seen.GetValueOrDefault(entry) + 1;
            if (CronSchedule.TryParse(entry.Schedule, out CronSchedule? schedule, out string? _))
            {
                yield return new ScheduledJob(DerivedId.Of(app.Id, $"cron\n{count}\n{entry.Schedule}\n{entry.Size}\n{entry.Command}"), schedule, entry.Command, entry.Size);
            }
        }
    }

    /// <summary>What is wrong with a manifest that did not come from a build; null if nothing is.</summary>
    public static string? FindProblem(AppManifest? manifest)
    {
        if (manifest?.Cron.Length > ScheduledJob.MaxPerApp)
        {
            return $"The manifest has {manifest.Cron.Length} cron entries; at most {ScheduledJob.MaxPerApp} are allowed.";
        }

        foreach (var (index, entry) in (manifest?.Cron ?? []).Index())
        {
            if (!CronSchedule.TryParse(entry.Schedule, out CronSchedule? _, out string? problem) || (problem = ScheduledJob.FindCommandProblem(entry.Command)) is not null)
            {
                return $"cron[{index}]: {problem}";
            }
        }

        return null;
    }
}
