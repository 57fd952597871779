using System.Collections.Concurrent;
using System.Collections.Immutable;
using PaaS.Testing;

namespace PaaS.Runtime.Tests;

public sealed class JobSchedulerTests : IAsyncDisposable, IJobRunner
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _told = new();
    private readonly SemaphoreSlim _tellings = new(0);
    private readonly JobScheduler _scheduler;
    private ImmutableArray<ScheduledJob> _jobs = [];
    private TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JobSchedulerTests() => _scheduler = new JobScheduler(() => _jobs, this, _time);

    public ValueTask DisposeAsync() => _scheduler.DisposeAsync();

    async Task IJobRunner.RunAsync(ScheduledJob job, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var end = _end;
        Tell($"{job.Command} {due:HH:mm}");
        await end.Task.WaitAsync(cancellationToken);
    }

    void IJobRunner.Skip(ScheduledJob job, DateTimeOffset due, JobSkip why) => Tell($"{job.Command} {due:HH:mm} {why}");

    [Fact]
    public async Task Jobs_run_at_their_time()
    {
        _jobs = [Job("every 10 minutes", "a"), Job("5 15 * * *", "b")];
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);
        _end.SetResult();

        Assert.Equal("b 15:05", await PassAsync(5));
        Assert.Equal("a 15:10", await PassAsync(5));
        await IdleAsync();
        Assert.Equal("a 15:20", await PassAsync(10));
    }

    [Fact]
    public async Task A_job_whose_run_is_still_going_on_is_skipped_and_runs_again_when_it_has_ended()
    {
        _jobs = [Job("every 10 minutes", "a")];
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);

        Assert.Equal("a 15:10", await PassAsync(10));
        Assert.True(Assert.Single(_scheduler.Jobs).IsRunning);
        Assert.Equal("a 15:20 StillRunning", await PassAsync(10));
        _end.SetResult();
        await IdleAsync();
        Assert.Equal("a 15:30", await PassAsync(10));
    }

    [Fact]
    public async Task A_run_that_fails_is_over()
    {
        _jobs = [Job("every 10 minutes", "a")];
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);

        Assert.Equal("a 15:10", await PassAsync(10));
        var failed = _end;
        _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        failed.SetException(new IOException("No space left on device"));
        await IdleAsync();
        Assert.Equal("a 15:20", await PassAsync(10));
    }

    [Fact]
    public async Task Jobs_that_are_made_changed_and_removed_count_at_once()
    {
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);
        _end.SetResult();
        var job = Job("30 * * * *", "a");
        await RefreshAsync(job);
        await RefreshAsync(job with { Schedule = CronSchedule.Parse("1 * * * *"), Command = "b" });

        Assert.Equal("b 15:01", await PassAsync(1));
        await IdleAsync();
        await RefreshAsync(Job("40 * * * *", "c"));
        Assert.Equal("c 15:40", await PassAsync(39));
    }

    [Fact]
    public async Task An_occurrence_that_was_recorded_does_not_come_due_when_the_clock_is_behind_it()
    {
        var job = Job("every 10 minutes", "a");
        _jobs = [job];
        _end.SetResult();
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty.Add(job.Id, _time.GetUtcNow().AddMinutes(10)));

        Assert.Equal("a 15:20", await PassAsync(20));
    }

    [Fact]
    public async Task Its_end_gives_up_what_runs()
    {
        _jobs = [Job("every 10 minutes", "a")];
        _scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);
        await PassAsync(10);

        await _scheduler.DisposeAsync().AsTask().WaitAsync(s_deadline);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_told);
    }

    [Fact]
    public async Task It_goes_on_after_a_failure_of_whoever_tells_the_jobs()
    {
        var asked = 0;
        await using var scheduler = new JobScheduler(() => Interlocked.Increment(ref asked) == 1 ? throw new InvalidOperationException("not now") : _jobs, this, _time);
        _jobs = [Job("every 10 minutes", "a")];
        scheduler.Start(ImmutableDictionary<Guid, DateTimeOffset>.Empty);

        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return scheduler.Jobs.Length == 1;
        });
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.True(await _tellings.WaitAsync(s_deadline));
        Assert.True(_told.TryDequeue(out var told));
        Assert.StartsWith("a ", told, StringComparison.Ordinal);
    }

    private static ScheduledJob Job(string schedule, string command) => new(Guid.NewGuid(), CronSchedule.Parse(schedule), command);

    private void Tell(string what)
    {
        _told.Enqueue(what);
        _tellings.Release();
    }

    private async Task<string> PassAsync(int minutes)
    {
        // The jobs have been read.
        await UntilAsync(() => _scheduler.Jobs.Length == _jobs.Length);
        _time.Advance(TimeSpan.FromMinutes(minutes));
        Assert.True(await _tellings.WaitAsync(s_deadline));
        Assert.True(_told.TryDequeue(out var told));
        return told;
    }

    private async Task RefreshAsync(ScheduledJob job)
    {
        _jobs = [job];
        _scheduler.Refresh();
        await UntilAsync(() => _scheduler.Jobs is [var status] && status.Job == job);
    }

    private Task IdleAsync() => UntilAsync(() => !_scheduler.Jobs.Any(job => job.IsRunning));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
