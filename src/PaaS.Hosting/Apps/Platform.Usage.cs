using System.Collections.Immutable;

namespace PaaS.Hosting;

public sealed partial class Platform
{
    /// <summary>How long an app's dynos have run in a month, by process type and size; those that run now count until now.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="month">Any day of the month (UTC); the present one if left out. Twelve months are kept.</param>
    public Outcome<ImmutableArray<DynoUsageEntry>> GetUsage(Actor actor, string app, DateOnly? month = null)
    {
        if (!Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var now = Running.Time.GetUtcNow();
        return hosted.Usage.In(month is { } day ? new DateOnly(day.Year, day.Month, 1) : DynoUsage.MonthOf(now), now);
    }

    /// <summary>The month's free hours of all apps together; <see langword="null"/> if there is no limit.</summary>
    public FreeHours? FreeHours => Running.Directory.FreeHours;

    /// <summary>What an app has used of the month's free hours.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<TimeSpan> GetFreeHoursUsed(Actor actor, string app) =>
        Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal) ? FreeHoursWatch.UsedBy(hosted, Running.Time.GetUtcNow()) : refusal;
}
