namespace PaaS.Runtime;

/// <summary>A job as its scheduler has it now.</summary>
/// <param name="Job">The job.</param>
/// <param name="Next">When it comes due next; <see langword="null"/> if it never does.</param>
/// <param name="Last">Which occurrence was dealt with last, run or skipped; <see langword="null"/> if none was.</param>
/// <param name="IsRunning">Whether a run of it is going on.</param>
public sealed record JobStatus(ScheduledJob Job, DateTimeOffset? Next, DateTimeOffset? Last, bool IsRunning);

/// <summary>Why an occurrence of a job is not run.</summary>
public enum JobSkip
{
    /// <summary>The run before it is still going on.</summary>
    StillRunning,

    /// <summary>It was noticed more than a minute late: the clock was set forward, or the machine slept.</summary>
    Missed,
}
