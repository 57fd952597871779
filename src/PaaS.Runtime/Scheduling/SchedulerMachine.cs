using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>
/// Says when which job of one app runs; pure. An occurrence, a job and the time at which it comes due, is run once at most:
/// of each job the newest occurrence that was dealt with is remembered, and only later ones come due.
/// <code>
///   due, noticed within a minute, no run of the job going on   run
///   due, a run of the job going on                             skipped: the job's runs never pile up
///   due, noticed more than a minute late                       skipped: missed runs are not made up
/// </code>
/// </summary>
internal static class SchedulerMachine
{
    /// <summary>How late an occurrence may be noticed and still run.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public static (SchedulerState State, ImmutableArray<SchedulerEffect> Effects) Step(SchedulerState state, SchedulerMessage message, DateTimeOffset now) => message switch
    {
        SchedulerMessage.Replace replace => (Replace(state, replace.Jobs, now), []),
        SchedulerMessage.Tick => Tick(state, now),
        SchedulerMessage.Ended ended => (state with { Running = state.Running.Remove(ended.Job) }, []),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "Not a message of a scheduler."),
    };

    private static SchedulerState Replace(SchedulerState state, ImmutableArray<ScheduledJob> jobs, DateTimeOffset now)
    {
        var planned = ImmutableSortedDictionary.CreateBuilder<Guid, PlannedJob>();
        foreach (var job in jobs)
        {
            // What is due already and has not been dealt with stays due.
            planned[job.Id] = state.Jobs.TryGetValue(job.Id, out var known) && known.Job.Schedule.Equals(job.Schedule)
                ? known with { Job = job }
                : new PlannedJob(job, NextOf(job, state.Last.TryGetValue(job.Id, out var last) && last > now ? last : now));
        }

        return state with { Jobs = planned.ToImmutable() };
    }

    private static (SchedulerState, ImmutableArray<SchedulerEffect>) Tick(SchedulerState state, DateTimeOffset now)
    {
        var effects = ImmutableArray.CreateBuilder<SchedulerEffect>();
        foreach (var (id, planned) in state.Jobs)
        {
            if (planned.Next is not { } due || due > now)
            {
                continue;
            }

            var skip = now - due > Tolerance ? JobSkip.Missed : state.Running.ContainsKey(id) ? JobSkip.StillRunning : (JobSkip?)null;
            effects.Add(skip is { } why ? new SchedulerEffect.Skip(planned.Job, due, why) : new SchedulerEffect.Run(planned.Job, due));
            state = state with
            {
                Jobs = state.Jobs.SetItem(id, planned with { Next = NextOf(planned.Job, now) }),
                Last = state.Last.SetItem(id, due),
                Running = skip is null ? state.Running.Add(id, due) : state.Running,
            };
        }

        return (state, effects.ToImmutable());
    }

    private static DateTimeOffset? NextOf(ScheduledJob job, DateTimeOffset after) => job.Schedule.Next(after);
}

/// <summary>All that a <see cref="SchedulerMachine"/> knows; immutable.</summary>
internal sealed record SchedulerState
{
    public static SchedulerState Empty { get; } = new();

    public ImmutableSortedDictionary<Guid, PlannedJob> Jobs { get; init; } = ImmutableSortedDictionary<Guid, PlannedJob>.Empty;

    /// <summary>The newest occurrence of each job that was dealt with, also of jobs that are gone and may come back.</summary>
    public ImmutableDictionary<Guid, DateTimeOffset> Last { get; init; } = ImmutableDictionary<Guid, DateTimeOffset>.Empty;

    /// <summary>The jobs of which a run is going on, and which.</summary>
    public ImmutableDictionary<Guid, DateTimeOffset> Running { get; init; } = ImmutableDictionary<Guid, DateTimeOffset>.Empty;

    /// <summary>When the next job comes due; <see langword="null"/> if none ever does.</summary>
    public DateTimeOffset? WakeAt => Jobs.Values.Min(planned => planned.Next);
}

/// <summary>A job and when it comes due next.</summary>
internal sealed record PlannedJob(ScheduledJob Job, DateTimeOffset? Next);

/// <summary>What a <see cref="SchedulerMachine"/> is told.</summary>
internal abstract record SchedulerMessage
{
    private SchedulerMessage()
    {
    }

    /// <summary>These are the jobs from now on.</summary>
    public sealed record Replace(ImmutableArray<ScheduledJob> Jobs) : SchedulerMessage;

    /// <summary>Time has passed.</summary>
    public sealed record Tick : SchedulerMessage;

    /// <summary>The run of a job has ended, or never came to be.</summary>
    public sealed record Ended(Guid Job) : SchedulerMessage;
}

/// <summary>What a <see cref="SchedulerMachine"/> wants done.</summary>
internal abstract record SchedulerEffect
{
    private SchedulerEffect()
    {
    }

    /// <summary>Record the occurrence and run it; answered by Ended.</summary>
    public sealed record Run(ScheduledJob Job, DateTimeOffset Due) : SchedulerEffect;

    public sealed record Skip(ScheduledJob Job, DateTimeOffset Due, JobSkip Why) : SchedulerEffect;
}
