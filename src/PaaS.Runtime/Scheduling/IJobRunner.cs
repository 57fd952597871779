namespace PaaS.Runtime;

/// <summary>Runs the occurrences of jobs that a <see cref="JobScheduler"/> finds due.</summary>
public interface IJobRunner
{
    /// <summary>Records durably that the occurrence is dealt with, then runs it. If it cannot be recorded it is not run.</summary>
    /// <param name="job">The job.</param>
    /// <param name="due">When it came due.</param>
    /// <param name="cancellationToken">The scheduler ends.</param>
    /// <returns>Completes when the run has ended. A failure is logged, and the occurrence is over.</returns>
    Task RunAsync(ScheduledJob job, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>Is told of an occurrence that is not run.</summary>
    /// <param name="job">The job.</param>
    /// <param name="due">When it came due.</param>
    /// <param name="why">Why.</param>
    void Skip(ScheduledJob job, DateTimeOffset due, JobSkip why);
}
