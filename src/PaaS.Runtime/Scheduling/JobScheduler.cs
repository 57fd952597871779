using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Runtime;

/// <summary>
/// Runs one app's jobs by the clock. What was missed while it did not run is not made up; of one job one run goes on at a
/// time, and an occurrence that comes due meanwhile is skipped; no occurrence is run twice.
/// </summary>
public sealed partial class JobScheduler : IAsyncDisposable
{
    /// <summary>The longest sleep: a clock that is set is noticed within it.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<SchedulerMessage?> _messages = Channel.CreateUnbounded<SchedulerMessage?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, Task> _runs = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Func<ImmutableArray<ScheduledJob>> _jobs;
    private readonly IJobRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private SchedulerState _state = SchedulerState.Empty;
    private Task _loop = Task.CompletedTask;
    private int _disposed;

    /// <summary>Makes a scheduler; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="jobs">Tells the jobs as they are now; asked at the start and at every <see cref="Refresh"/>.</param>
    /// <param name="runner">Runs what is due.</param>
    /// <param name="time">The clock; the system's if left out.</param>
    /// <param name="logger">For the operator.</param>
    public JobScheduler(Func<ImmutableArray<ScheduledJob>> jobs, IJobRunner runner, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(runner);
        (_jobs, _runner, _time, _logger) = (jobs, runner, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
    }

    /// <summary>The jobs as they stand.</summary>
    public ImmutableArray<JobStatus> Jobs
    {
        get
        {
            var state = Volatile.Read(ref _state);
            return
            [
                .. state.Jobs.Select(pair => new JobStatus(
                    pair.Value.Job, pair.Value.Next, state.Last.TryGetValue(pair.Key, out var last) ? last : null, state.Running.ContainsKey(pair.Key))),
            ];
        }
    }

    /// <summary>Begins. Once only.</summary>
    /// <param name="last">The newest occurrence of each job that was recorded before; only later ones come due.</param>
    public void Start(IReadOnlyDictionary<Guid, DateTimeOffset> last)
    {
        ArgumentNullException.ThrowIfNull(last);
        _state = SchedulerState.Empty with { Last = last.ToImmutableDictionary() };
        Refresh();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The jobs may have changed. A job whose schedule has not keeps its next time; one that is gone comes due no more, and its run goes on.</summary>
    public void Refresh() => _messages.Writer.TryWrite(null);

    /// <summary>Ends: nothing comes due any more, and whoever runs something is told to give up.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _messages.Writer.TryComplete();
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await Task.WhenAll(_runs.Values).ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        Task<bool>? waiting = null;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                while (_messages.Reader.TryRead(out var message))
                {
                    Handle(message);
                }

                Handle(new SchedulerMessage.Tick());
                waiting = waiting is null or { IsCompleted: true } ? _messages.Reader.WaitToReadAsync(_ending.Token).AsTask() : waiting;
                await SleepAsync(waiting).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Without this loop no job of the app would ever run again. What it was told may be lost, so it asks for the jobs anew.
                Log.Stumbled(_logger, exception);
                await Task.Delay(RetryDelay, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Refresh();
            }
        }
    }

    /// <summary>Waits until a job comes due, or there is a message.</summary>
    private async Task SleepAsync(Task<bool> message)
    {
        if (_state.WakeAt is not { } wake)
        {
            await ((Task)message).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        using var slept = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        DateTimeOffset now;
        Task sleep;
        do
        {
            // A clock that is set while the timer is would make it ring late.
            now = _time.GetUtcNow();
            sleep = Task.Delay(Clamp(wake - now), _time, slept.Token);
        }
        while (_time.GetUtcNow() - now >= TimeSpan.FromSeconds(1));
        await Task.WhenAny(message, sleep).ConfigureAwait(false);
        await slept.CancelAsync().ConfigureAwait(false);
    }

    // Whole milliseconds, upwards: a timer that fires a little early would only be set again.
    private static TimeSpan Clamp(TimeSpan sleep) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(sleep.TotalMilliseconds, 0, LongestSleep.TotalMilliseconds)));

    private void Handle(SchedulerMessage? message)
    {
        var (state, effects) = SchedulerMachine.Step(_state, message ?? new SchedulerMessage.Replace(_jobs()), _time.GetUtcNow());
        Volatile.Write(ref _state, state);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SchedulerEffect.Run run:
                    Begin(run.Job, run.Due);
                    break;
                case SchedulerEffect.Skip skip:
                    Leave(skip);
                    break;
                default:
                    throw new InvalidOperationException($"No such effect: {effect}.");
            }
        }
    }

    private void Leave(SchedulerEffect.Skip skip)
    {
        try
        {
            _runner.Skip(skip.Job, skip.Due, skip.Why);
        }
        catch (Exception exception)
        {
            // It does not run either way, and the jobs that are due beside it do.
            Log.RunFailed(_logger, exception, skip.Job.Id, skip.Due);
        }
    }

    private void Begin(ScheduledJob job, DateTimeOffset due)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _runs[job.Id] = GoAsync();
        begun.SetResult();

        async Task GoAsync()
        {
            await begun.Task.ConfigureAwait(false);
            try
            {
                await _runner.RunAsync(job, due, _ending.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                // The app or the host ends.
            }
            catch (Exception exception)
            {
                // Nobody awaits a run but this: it is over, and the next one comes by the clock.
                Log.RunFailed(_logger, exception, job.Id, due);
            }
            finally
            {
                _runs.TryRemove(job.Id, out _);
                _messages.Writer.TryWrite(new SchedulerMessage.Ended(job.Id));
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3401, LogLevel.Error, "The run of job {Job} that was due at {Due} failed", EventName = "JobRunFailed")]
        public static partial void RunFailed(ILogger logger, Exception exception, Guid job, DateTimeOffset due);

        [LoggerMessage(3402, LogLevel.Error, "The scheduler of an app goes on in a second, after a failure", EventName = "JobSchedulerStumbled")]
        public static partial void Stumbled(ILogger logger, Exception exception);
    }
}
