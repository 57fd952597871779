using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What comes of a wish about the jobs of the scheduler.</summary>
internal static class JobRules
{
    public static Decision Create(App app, ScheduledJob job) =>
        app.Jobs.Exists(other => other.Id == job.Id) ? Decision.Refuse(RefusalCode.Conflict, $"Job {job.Id} exists already.")
        : app.Jobs.Count >= ScheduledJob.MaxPerApp ? Decision.Refuse(RefusalCode.Invalid, $"An app has at most {ScheduledJob.MaxPerApp} jobs. Delete one first.")
        : Accept(job);

    public static Decision Update(App app, AppCommand.UpdateJob update)
    {
        if (app.Jobs.Find(job => job.Id == update.Id) is not { } found)
        {
            return NotFound;
        }

        var changed = found with { Schedule = update.Schedule ?? found.Schedule, Command = update.Command ?? found.Command, Size = update.Size ?? found.Size };
        return changed == found ? Decision.Nothing : Accept(changed);
    }

    public static Decision Remove(App app, Guid id) =>
        app.Jobs.Exists(job => job.Id == id) ? Decision.Accept(new AppEvent.JobRemoved(id)) : NotFound;

    public static ImmutableList<ScheduledJob> Set(ImmutableList<ScheduledJob> jobs, ScheduledJob job) =>
        jobs.FindIndex(other => other.Id == job.Id) is >= 0 and var place ? jobs.SetItem(place, job) : jobs.Add(job);

    private static Decision NotFound => Decision.Refuse(RefusalCode.NotFound, "Couldn't find that job.");

    private static Decision Accept(ScheduledJob job) =>
        ScheduledJob.FindCommandProblem(job.Command) is { } problem ? Decision.Refuse(RefusalCode.Invalid, problem) : Decision.Accept(new AppEvent.JobSet(job));
}
