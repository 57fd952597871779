using System.Globalization;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>Runs one app's jobs as one-off dynos <c>scheduler.NNNN</c> of the current release.</summary>
/// <param name="app">Gives the app as it is.</param>
/// <param name="oneOffs">Runs the dynos.</param>
/// <param name="dynos">Where every occurrence is recorded before it runs.</param>
/// <param name="freeHours">The month's free hours; null if there is no limit.</param>
/// <param name="logs">The app's log.</param>
internal sealed class JobRunner(Func<App> app, OneOffDynos oneOffs, Func<DynoStream> dynos, Func<FreeHours?> freeHours, LogStream logs) : IJobRunner
{
    public async Task RunAsync(ScheduledJob job, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var now = app();
        if (now.Current is not { Slug: { } slug } release)
        {
            Write($"The run of `{job.Command}` that is due at {Text(due)} is left out: the app has no code yet.");
            return;
        }

        var size = job.Size ?? default;
        if (size.Sleeps && freeHours() is { Level: FreeHoursLevel.UsedUp } hours)
        {
            Write($"The run of `{job.Command}` that is due at {Text(due)} is left out: {FreeHoursWatch.NoneLeft(hours, size)}");
            return;
        }

        try
        {
            await dynos().AppendAsync(new DynoEvent.JobStarted(job.Id, due));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // An occurrence that is not recorded could run twice.
            Write($"The run of `{job.Command}` that is due at {Text(due)} is left out: it could not be recorded.");
            throw;
        }

        var spec = new OneOffSpec
        {
            Type = OneOffRequest.SchedulerType,
            Release = new RunningRelease(release.Version, slug, release.ConfigVars),
            Command = OneOffRequest.Resolve(job.Command, slug),
            Size = size,
        };
        var dyno = await StartAsync(spec, job, due, cancellationToken);
        await dyno.Completed.WaitAsync(cancellationToken);
    }

    public void Skip(ScheduledJob job, DateTimeOffset due, JobSkip why) => Write(
        $"The run of `{job.Command}` that was due at {Text(due)} is left out: " + (why == JobSkip.StillRunning ? "the one before it is still going on." : "its time has passed."));

    private async Task<OneOffDyno> StartAsync(OneOffSpec spec, ScheduledJob job, DateTimeOffset due, CancellationToken cancellationToken)
    {
        try
        {
            return await oneOffs.StartAsync(spec, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
        {
            // What a tenant may know is said; the rest is in the operator's log.
            var why = exception is OneOffLimitException or ArgumentException ? exception.Message : "Error R99 (Platform error) -> Failed to launch the dyno";
            Write($"The run of `{job.Command}` that was due at {Text(due)} could not be started: {why}");
            throw;
        }
    }

    private static string Text(DateTimeOffset due) => due.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private void Write(string line) => logs.Write(LogSource.Heroku, "scheduler", line);
}
