using System.Collections.Immutable;
using PaaS.Runtime;

namespace PaaS.Hosting;

public sealed partial class Platform
{
    private const string FromManifest = "This job comes from the app's app.json. Change it there and deploy.";

    /// <summary>The scheduler's jobs of an app: those made by hand, in the order of their making, then those of the current release's <c>app.json</c>.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    public Outcome<ImmutableArray<JobStatus>> ListJobs(Actor actor, string app)
    {
        if (!Enter(actor, AccessAction.ViewApp, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        // The scheduler follows the app a moment later.
        var known = hosted.Scheduler.Jobs.ToDictionary(status => status.Job.Id);
        var now = Running.Directory.Now;
        return ImmutableArray.CreateRange(AppJobs.Of(hosted.App).Select(job =>
            known.TryGetValue(job.Id, out var status) && status.Job == job ? status : new JobStatus(job, job.Schedule.Next(now), status?.Last, status?.IsRunning ?? false)));
    }

    /// <summary>Makes a job.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="schedule">When it runs.</param>
    /// <param name="command">What it runs; as in <see cref="OneOffRequest.Command"/>.</param>
    /// <param name="size">The size of its dynos; <see langword="null"/> for the default.</param>
    public async Task<Outcome<ScheduledJob>> CreateJobAsync(Actor actor, string app, CronSchedule schedule, string command, DynoSize? size = null)
    {
        var job = new ScheduledJob(Guid.NewGuid(), schedule, command, size);
        return await ExecuteJobAsync(actor, app, job.Id, new AppCommand.CreateJob(job));
    }

    /// <summary>Changes a job that was made by hand. A run that is going on goes on.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="job">The job.</param>
    /// <param name="schedule">The new schedule; <see langword="null"/> keeps it.</param>
    /// <param name="command">The new command; <see langword="null"/> keeps it.</param>
    /// <param name="size">The new size; <see langword="null"/> keeps it.</param>
    public Task<Outcome<ScheduledJob>> UpdateJobAsync(Actor actor, string app, Guid job, CronSchedule? schedule = null, string? command = null, DynoSize? size = null) =>
        ExecuteJobAsync(actor, app, job, new AppCommand.UpdateJob(job, schedule, command, size));

    /// <summary>Removes a job that was made by hand. A run that is going on goes on.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="app">The app's name or id.</param>
    /// <param name="job">The job.</param>
    /// <returns>The job that was removed.</returns>
    public Task<Outcome<ScheduledJob>> RemoveJobAsync(Actor actor, string app, Guid job) =>
        ExecuteJobAsync(actor, app, job, new AppCommand.RemoveJob(job));

    private async Task<Outcome<ScheduledJob>> ExecuteJobAsync(Actor actor, string app, Guid job, AppCommand command)
    {
        if (!Enter(actor, AccessAction.ManageJobs, app).TryGet(out var hosted, out var refusal))
        {
            return refusal;
        }

        var before = hosted.App.Jobs.Find(one => one.Id == job);
        if (before is null && AppJobs.OfManifest(hosted.App).Any(one => one.Id == job))
        {
            return new Refusal(RefusalCode.Invalid, FromManifest);
        }

        var outcome = await hosted.Writer.ExecuteAsync(actor, command, Guid.NewGuid());
        return outcome.TryGet(out var recorded, out refusal) ? recorded.App.Jobs.Find(one => one.Id == job) ?? before! : refusal;
    }
}
