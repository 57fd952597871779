using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// Looks after the month's free hours: tells the apps that use them when 80 % and when all of them are used, puts their
/// dynos to sleep then, and lets them wake when the next month begins.
/// </summary>
internal sealed partial class FreeHoursWatch : IDisposable
{
    /// <summary>The longest time between two looks.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeSpan _quota;
    private readonly Func<IEnumerable<HostedApp>> _apps;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly HashSet<AppId> _held = [];
    private FreeHoursLevel? _level;
    private bool _disposed;

    public FreeHoursWatch(TimeSpan quota, Func<IEnumerable<HostedApp>> apps, TimeProvider time, ILogger logger)
    {
        (_quota, _apps, _time, _logger) = (quota, apps, time, logger);
        _timer = time.CreateTimer(static state => ((FreeHoursWatch)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // At once: apps that are resumed after this begin asleep if no hours are left.
        Look();
    }

    /// <summary>Why a dyno is not started when no hours are left.</summary>
    public static string NoneLeft(FreeHours hours, DynoSize size) =>
        $"All {Hours(hours.Quota)} free dyno hours of this month are used, and size {size} lives on them. Choose a size that does not sleep, or wait until the next month begins (UTC).";

    /// <summary>What is used of the month so far.</summary>
    public static FreeHours Of(TimeSpan quota, IEnumerable<HostedApp> apps, DateTimeOffset now) =>
        new(quota, apps.Aggregate(TimeSpan.Zero, (sum, app) => sum + UsedBy(app, now)));

    /// <summary>What of the month's free hours one app has used.</summary>
    public static TimeSpan UsedBy(HostedApp app, DateTimeOffset now) =>
        app.Usage.In(DynoUsage.MonthOf(now), now).Where(static entry => entry.Key.Size.Sleeps).Aggregate(TimeSpan.Zero, static (sum, entry) => sum + entry.Time);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            var next = Interval;
            try
            {
                next = Settle();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // On a timer's thread it would end the process. The next look may go well.
                Log.LookFailed(_logger, exception);
            }

            _timer.Change(next, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Does what the hours that are left want.</summary>
    /// <returns>When to look again.</returns>
    private TimeSpan Settle()
    {
        HostedApp[] apps = [.. _apps()];
        var hours = Of(_quota, apps, _time.GetUtcNow());
        if (hours.Level != _level)
        {
            Tell(hours, apps.Where(UsesFreeHours));
        }

        _level = hours.Level;
        foreach (var app in apps)
        {
            // Also those that were created or resized since the last look.
            if (hours.Level == FreeHoursLevel.UsedUp && UsesFreeHours(app))
            {
                app.Supervisor.Sleep(canWake: false);
                _held.Add(app.Id);
            }
            else if (_held.Remove(app.Id))
            {
                app.Supervisor.Sleep(canWake: true);
                app.Supervisor.Wake();
            }
        }

        var running = apps.Sum(static app => app.Usage.Running.Values.Count(static dyno => dyno.Size.Sleeps));
        return hours.UntilNextLevel(running) is { } due && due < Interval ? due + TimeSpan.FromMilliseconds(1) : Interval;
    }

    private static bool UsesFreeHours(HostedApp app) => app.App.Formation.Any(static entry => entry.Size.Sleeps && entry.Quantity > 0);

    private static string Hours(TimeSpan time) => time.TotalHours.ToString("0.##", CultureInfo.InvariantCulture);

    private void Tell(FreeHours hours, IEnumerable<HostedApp> users)
    {
        // What was so already when the host started, or began anew with the month, is no news.
        if (_level is null || hours.Level < _level)
        {
            return;
        }

        var all = Hours(_quota);
        var text = hours.Level == FreeHoursLevel.UsedUp
            ? $"Free dyno hours: all {all} of this month are used; dynos of sleeping sizes sleep until the next month begins"
            : $"Free dyno hours: 80% of the {all} of this month are used";
        Log.Level(_logger, hours.Level, all);
        foreach (var app in users)
        {
            app.Logs.Write(LogSource.Heroku, "api", text);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(147, LogLevel.Warning, "Free dyno hours are {Level}: a month has {Quota}")]
        public static partial void Level(ILogger logger, FreeHoursLevel level, string quota);

        [LoggerMessage(149, LogLevel.Error, "The free dyno hours could not be looked after; the next look is in a minute")]
        public static partial void LookFailed(ILogger logger, Exception exception);
    }
}
