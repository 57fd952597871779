using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Runtime;

/// <summary>
/// The one-off dynos of one app: <c>run.1234</c>, <c>release.1234</c>, <c>scheduler.1234</c>. Each runs once and is never started
/// again. A detached one writes to the app's log. An attached one has a client, over pipes or a terminal; the log then has
/// only its start and its end. See <see cref="OneOffOptions"/> for what ends one.
/// </summary>
/// <remarks>
/// A shell around <see cref="OneOffMachine"/>: one loop feeds it messages, publishes what it decides and carries its
/// effects out; nothing is awaited in the loop. All members may be called from any thread.
/// </remarks>
public sealed partial class OneOffDynos : IAsyncDisposable
{
    /// <summary>How much longer than the grace a shutdown may take before it is given up.</summary>
    private static readonly TimeSpan ShutdownSlack = TimeSpan.FromSeconds(15);

    private readonly IDynoRuntime _runtime;
    private readonly LogStream _logs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<OneOffMessage> _messages = Channel.CreateUnbounded<OneOffMessage>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<long, TaskCompletionSource<OneOffDyno>> _starts = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<bool>> _stops = new();
    private readonly ConcurrentDictionary<Task, bool> _work = new();
    private readonly ConcurrentDictionary<long, LiveOneOff> _live = new();
    private readonly Dictionary<OneOffTimer, ITimer> _timers = [];
    private readonly TaskCompletionSource _shutDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _disposing = new();
    private readonly Task _loop;
    private SupervisedApp _app;
    private volatile OneOffState _state;
    private Task? _disposed;
    private long _lastOperation;

    /// <summary>Makes the place of an app's one-off dynos; none runs yet.</summary>
    /// <param name="app">The app.</param>
    /// <param name="runtime">Where its dynos run.</param>
    /// <param name="logs">The app's log.</param>
    /// <param name="supervision">Gives the time from SIGTERM to SIGKILL and what is measured of memory; the defaults if left out.</param>
    /// <param name="options">Limits; the defaults if left out.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Seeds the ids and numbers of dynos.</param>
    /// <param name="logger">For the operator.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public OneOffDynos(
        SupervisedApp app,
        IDynoRuntime runtime,
        LogStream logs,
        SupervisorOptions? supervision = null,
        OneOffOptions? options = null,
        TimeProvider? time = null,
        Random? random = null,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(logs);
        options ??= new OneOffOptions();
        options.Validate();
        supervision ??= new SupervisorOptions();
        supervision.Validate();
        _app = app;
        _runtime = runtime;
        _logs = logs;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _state = new() { Options = options, Supervision = supervision, Seed = (ulong)(random ?? Random.Shared).NextInt64() };
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The one-off dynos that run, by name, as they are now.</summary>
    public ImmutableArray<Dyno> Dynos => _state.ToSnapshots();

    /// <summary>Starts a one-off dyno. The number of its name is drawn: four digits, unlike those of all others of its type.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="cancellationToken">Gives up the wait, not the start.</param>
    /// <returns>Its handle, as soon as it has a name; whether it could be started is told by <see cref="OneOffDyno.Completed"/>.</returns>
    /// <exception cref="ArgumentException">The spec has no type or command, or a time or size out of its range.</exception>
    /// <exception cref="OneOffLimitException">As many run as may.</exception>
    /// <exception cref="ObjectDisposedException">They have been shut down.</exception>
    public async ValueTask<OneOffDyno> StartAsync(OneOffSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.Validate();
        var operation = Interlocked.Increment(ref _lastOperation);
        var answer = _starts[operation] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(new OneOffMessage.Start(operation, spec)))
        {
            Answer(_starts, operation)?.TrySetException(new ObjectDisposedException(nameof(OneOffDynos)));
        }

        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops dynos: SIGTERM to all their processes, grace, SIGKILL.</summary>
    /// <param name="which">Which dynos.</param>
    /// <param name="cancellationToken">Gives up the wait, not the stop.</param>
    /// <returns>Completes when the stop is under way: whether any runs that is meant.</returns>
    public Task<bool> StopAsync(DynoSelector which, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(which);
        var operation = Interlocked.Increment(ref _lastOperation);
        var answer = _stops[operation] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(new OneOffMessage.Stop(operation, which)))
        {
            Answer(_stops, operation)?.TrySetResult(false);
        }

        return answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Gives the app another name: dynos that start from now on have it in their labels.</summary>
    /// <param name="name">The name.</param>
    public void Rename(AppName name) => Volatile.Write(ref _app, _app with { Name = name });

    /// <summary>Stops all of them, and starts no more.</summary>
    /// <param name="stopGrace">The time from SIGTERM to SIGKILL; that of the supervision's options if left out.</param>
    /// <param name="cancellationToken">Gives up the wait, not the shutdown.</param>
    /// <returns>Completes when nothing is left.</returns>
    public Task ShutDownAsync(TimeSpan? stopGrace = null, CancellationToken cancellationToken = default)
    {
        lock (_disposing)
        {
            _disposed ??= EndAsync(stopGrace);
        }

        return _disposed.WaitAsync(cancellationToken);
    }

    /// <summary>As <see cref="ShutDownAsync"/>.</summary>
    public ValueTask DisposeAsync() => new(ShutDownAsync());

    private bool Post(OneOffMessage message) => _messages.Writer.TryWrite(message);

    private async Task RunAsync()
    {
        await foreach (var message in _messages.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Handle(message);
            }
            catch (Exception exception)
            {
                // One message that cannot be handled must not leave the others without a keeper.
                Log.MessageFailed(_logger, exception, _app.Name, message.GetType().Name);
            }
        }
    }

    private void Handle(OneOffMessage message)
    {
        var step = OneOffMachine.Step(_state, message, _time.GetUtcNow());
        _state = step.State;
        foreach (var effect in step.Effects)
        {
            try
            {
                CarryOut(effect);
            }
            catch (Exception exception)
            {
                // An engine that fails in one dyno must not keep the other effects from being carried out.
                Log.EffectFailed(_logger, exception, _app.Name, effect.GetType().Name);
            }
        }
    }

    private async Task EndAsync(TimeSpan? stopGrace)
    {
        await Task.Yield();
        Post(new OneOffMessage.Shutdown(stopGrace));
        try
        {
            await _shutDown.Task.WaitAsync((stopGrace ?? _state.StopGrace) + ShutdownSlack, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.ShutdownIncomplete(_logger, _app.Name, string.Join(", ", _live.Values.Select(static live => live.Name)));
        }

        _messages.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_shutDown.Task.IsCompleted)
        {
            // What failed has been logged.
            await Task.WhenAll(_work.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var timer in _timers.Values)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var start in _starts.Keys)
        {
            Answer(_starts, start)?.TrySetException(new ObjectDisposedException(nameof(OneOffDynos)));
        }

        foreach (var stop in _stops.Keys)
        {
            Answer(_stops, stop)?.TrySetResult(false);
        }

        _ending.Dispose();
    }

    private static TaskCompletionSource<T>? Answer<T>(ConcurrentDictionary<long, TaskCompletionSource<T>> waiting, long operation) =>
        waiting.TryRemove(operation, out var answer) ? answer : null;

    private static partial class Log
    {
        [LoggerMessage(3301, LogLevel.Error, "{App}: a one-off dyno's {Message} could not be handled.", EventName = "OneOffMessageFailed")]
        public static partial void MessageFailed(ILogger logger, Exception exception, AppName app, string message);

        [LoggerMessage(3302, LogLevel.Error, "{App}: {Effect} could not be carried out for a one-off dyno.", EventName = "OneOffEffectFailed")]
        public static partial void EffectFailed(ILogger logger, Exception exception, AppName app, string effect);

        [LoggerMessage(3303, LogLevel.Error, "{App}: {Dyno} could not be started.", EventName = "OneOffStartFailed")]
        public static partial void StartFailed(ILogger logger, Exception exception, AppName app, DynoName dyno);

        [LoggerMessage(3304, LogLevel.Error, "{App}: the engine failed while {Dyno} was {Activity}.", EventName = "OneOffEngineFailed")]
        public static partial void EngineFailed(ILogger logger, Exception exception, AppName app, DynoName dyno, string activity);

        [LoggerMessage(3305, LogLevel.Error, "{App}: gave up waiting for {Dynos} to end.", EventName = "OneOffShutdownIncomplete")]
        public static partial void ShutdownIncomplete(ILogger logger, AppName app, string dynos);
    }
}
