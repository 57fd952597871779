using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Runtime;

/// <summary>
/// Keeps the dynos of one app running: as many as its formation wants, of its current release, each started again when it
/// crashes, and replaced by one procedure: new web dynos started, ready, in the route table; the old ones out of it, drained,
/// SIGTERM to all their processes, grace, SIGKILL to the whole tree. The other process types follow, the old one before the
/// new, so that no such dyno ever runs twice.
/// </summary>
/// <remarks>
/// A shell around <see cref="SupervisorMachine"/>: one loop feeds it messages, publishes what it decides and carries its
/// effects out; nothing is awaited in the loop. All members may be called from any thread.
/// </remarks>
public sealed partial class DynoSupervisor : IAsyncDisposable
{
    /// <summary>How much longer than drain and grace a shutdown may take before it is given up.</summary>
    private static readonly TimeSpan ShutdownSlack = TimeSpan.FromSeconds(15);

    private readonly IDynoRuntime _runtime;
    private readonly RouteTable _routes;
    private readonly LogStream _logs;
    private readonly SupervisorOptions _options;
    private readonly TimeProvider _time;
    private readonly IHealthProbe _health;
    private readonly ILogger _logger;
    private readonly Channel<SupervisorMessage> _messages = Channel.CreateUnbounded<SupervisorMessage>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<long, TaskCompletionSource<SwapOutcome>> _operations = new();
    private readonly ConcurrentDictionary<Task, bool> _work = new();
    private readonly ConcurrentDictionary<long, LiveDyno> _live = new();
    private readonly Dictionary<TimerId, RunningTimer> _timers = [];
    private readonly TaskCompletionSource _shutDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _disposing = new();
    private readonly Task _loop;
    private SupervisedApp _app;
    private volatile SupervisorState _state;
    private Task? _disposed;
    private long _lastOperation;

    /// <summary>Makes a supervisor that runs nothing yet; the app gets a blank route.</summary>
    /// <param name="app">The app.</param>
    /// <param name="runtime">Where its dynos run.</param>
    /// <param name="routes">Where routers read the app's endpoints.</param>
    /// <param name="logs">The app's log.</param>
    /// <param name="options">Times and numbers; the defaults if left out.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Seeds the ids of dynos.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="health">Asks new web dynos whether they are well; if left out the engine, should it be one, else an HTTP client.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public DynoSupervisor(
        SupervisedApp app,
        IDynoRuntime runtime,
        RouteTable routes,
        LogStream logs,
        SupervisorOptions? options = null,
        TimeProvider? time = null,
        Random? random = null,
        ILogger? logger = null,
        IHealthProbe? health = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(logs);
        _options = options ?? new SupervisorOptions();
        _options.Validate();
        _app = app;
        _runtime = runtime;
        _routes = routes;
        _logs = logs;
        _time = time ?? TimeProvider.System;
        _health = health ?? runtime as IHealthProbe ?? new HttpHealthProbe(_time);
        _logger = logger ?? NullLogger.Instance;
        _state = new() { Options = _options, Seed = (ulong)(random ?? Random.Shared).NextInt64() };
        Publish(_state.Route);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The app as it is known now.</summary>
    public SupervisedApp App => Volatile.Read(ref _app);

    /// <summary>The dynos of the formation, by name, as they are now. The new dynos of a swap are shown when they have taken over.</summary>
    public ImmutableArray<Dyno> Dynos => _state.ToSnapshots();

    /// <summary>
    /// Swaps to a release. The verdict is good when every new web dyno listens on its port and answers its health check, if its <c>app.json</c> has one; without web dynos, when the others
    /// have started; with nothing to run, at once. A bad one changes nothing: the old dynos go on, the formation stays.
    /// Swaps are done one at a time, deploys in the order of the calls and before restarts that wait.
    /// </summary>
    /// <param name="release">The release to run.</param>
    /// <param name="formation">The formation to run it in. A later <see cref="Scale"/> changes it while the swap is under way.</param>
    /// <param name="cancellationToken">Gives up the wait, not the swap.</param>
    /// <returns>The verdict. The old dynos may still be draining.</returns>
    public Task<SwapOutcome> DeployAsync(RunningRelease release, Formation formation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(formation);
        return Ask(operation => new SupervisorMessage.Deploy(operation, release, formation), cancellationToken);
    }

    /// <summary>Starts what is recorded as current, at the start of a host: without a verdict, crashes are handled as ever. Does nothing if something has been deployed or resumed before.</summary>
    /// <param name="current">The current release; <see langword="null"/> if there is none.</param>
    /// <param name="formation">The formation.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>Completes when the starts have been ordered and the route is published.</returns>
    public Task ResumeAsync(RunningRelease? current, Formation formation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(formation);
        return Ask(operation => new SupervisorMessage.Resume(operation, current, formation), cancellationToken);
    }

    /// <summary>Applies a formation to the current release, and to deploys that are under way: lacking dynos are started, those too many are stopped, the highest numbers first; dynos of another size are replaced by a swap.</summary>
    /// <param name="formation">The formation wanted.</param>
    public void Scale(Formation formation)
    {
        ArgumentNullException.ThrowIfNull(formation);
        Post(new SupervisorMessage.Scale(formation));
    }

    /// <summary>Replaces dynos by new ones of the same release, through the swap procedure; waits for the deploys. Restarts that wait are done as one, and succeed or fail together.</summary>
    /// <param name="which">Which dynos.</param>
    /// <param name="cancellationToken">Gives up the wait, not the restart.</param>
    /// <returns>Completes when the new web dynos have taken over, or have failed and the old ones stay; the others are being replaced then.</returns>
    public Task<SwapOutcome> RestartAsync(DynoSelector which, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(which);
        return Ask(operation => new SupervisorMessage.Restart(operation, which), cancellationToken);
    }

    /// <summary>Stops dynos. As Heroku's <c>ps:stop</c> it stops dynos of the formation only to have them started again; unlike a restart it does not wait for the new ones to be ready.</summary>
    /// <param name="which">Which dynos.</param>
    /// <param name="cancellationToken">Gives up the wait, not the stop.</param>
    /// <returns>Completes when the dynos are out of the route table and their stop is under way.</returns>
    public Task StopAsync(DynoSelector which, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(which);
        return Ask(operation => new SupervisorMessage.Stop(operation, which), cancellationToken);
    }

    /// <summary>
    /// Puts the app's dynos to sleep whose size sleeps (<see cref="DynoSize.Sleeps"/>), and with sleeping web dynos all others, once no swap is
    /// under way. They also go to sleep by themselves, after <see cref="SupervisorOptions.IdleAfter"/>.
    /// </summary>
    /// <param name="canWake">
    /// Whether the next request wakes them. If not, as when the free hours are used up (Heroku: H82), nothing starts them but a release or a
    /// scaling to a size that does not sleep, and the route says <see cref="WebState.None"/>; a release of the same sizes is taken over without a start. A later call
    /// with <see langword="true"/> lets requests wake them again.
    /// </param>
    public void Sleep(bool canWake = true) => Post(new SupervisorMessage.FallAsleep(canWake));

    /// <summary>Starts the dynos that sleep, unless their last <see cref="Sleep"/> does not let them wake. Does nothing if none sleeps.</summary>
    public void Wake() => Post(new SupervisorMessage.Wake());

    /// <summary>Gives the app another name and other host names. Its dynos go on.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hosts">The host names that lead to it, lower-case, without port.</param>
    public void Rename(AppName name, ImmutableArray<string> hosts) => Post(new SupervisorMessage.Rename(name, hosts));

    /// <summary>Has routers treat the app differently, from the next request on. Its dynos go on, and so do the requests they have.</summary>
    /// <param name="maintenance">Whether the app is in maintenance.</param>
    /// <param name="settings">What is different for the app.</param>
    public void Reroute(bool maintenance, RouteSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Post(new SupervisorMessage.Reroute(maintenance, settings));
    }

    /// <summary>
    /// Stops everything: out of the route table, requests finished, SIGTERM to all, grace, SIGKILL. The app's route stays, without
    /// endpoints; the owner of the table removes it. Swaps without a verdict end as <see cref="SwapStatus.Interrupted"/>.
    /// </summary>
    /// <param name="stopGrace">The time from SIGTERM to SIGKILL; <see cref="SupervisorOptions.StopGrace"/> if left out.</param>
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

    private Task<SwapOutcome> Ask(Func<long, SupervisorMessage> message, CancellationToken cancellationToken)
    {
        var operation = Interlocked.Increment(ref _lastOperation);
        var completion = new TaskCompletionSource<SwapOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _operations[operation] = completion;
        if (!Post(message(operation)))
        {
            _operations.TryRemove(operation, out _);
            completion.TrySetResult(SwapOutcome.Interrupted);
        }

        return completion.Task.WaitAsync(cancellationToken);
    }

    private bool Post(SupervisorMessage message) => _messages.Writer.TryWrite(message);

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
                // One message that cannot be handled must not leave an app without a supervisor.
                Log.MessageFailed(_logger, exception, _app.Name, message.GetType().Name);
            }
        }
    }

    private void Handle(SupervisorMessage message)
    {
        if (Change(_app, message) is { } changed)
        {
            Volatile.Write(ref _app, changed);
            Publish(_state.Route);
            return;
        }

        if (message is SupervisorMessage.TimerFired fired)
        {
            DropTimer(fired.Timer);
        }

        var step = SupervisorMachine.Step(_state, message, _time.GetUtcNow());
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

        if (message is SupervisorMessage.StartFailed failed)
        {
            Forget(failed.Run);
        }
        else if (message is SupervisorMessage.Gone gone)
        {
            Forget(gone.Run);
        }
    }

    /// <summary>The app as a message has changed it; null if the message is about its dynos.</summary>
    private static SupervisedApp? Change(SupervisedApp app, SupervisorMessage message) => message switch
    {
        SupervisorMessage.Rename rename => app with { Name = rename.Name, Hosts = rename.Hosts },
        SupervisorMessage.Reroute reroute => app with { Maintenance = reroute.Maintenance, Settings = reroute.Settings },
        _ => null,
    };

    private async Task EndAsync(TimeSpan? stopGrace)
    {
        await Task.Yield();
        Post(new SupervisorMessage.Shutdown(stopGrace));
        try
        {
            await _shutDown.Task.WaitAsync(_options.DrainTimeout + (stopGrace ?? _options.StopGrace) + ShutdownSlack, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.ShutdownIncomplete(_logger, _app.Name, string.Join(", ", _live.Values.Select(live => live.Run.Name)));
        }

        _messages.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_shutDown.Task.IsCompleted)
        {
            // What failed has been logged.
            await Task.WhenAll(_work.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await EndObservingAsync().ConfigureAwait(false);
        foreach (var timer in _timers.Values)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var operation in _operations.Values)
        {
            operation.TrySetResult(SwapOutcome.Interrupted);
        }

        _ending.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Error, "{App}: the supervisor could not handle {Message}.", EventName = "SupervisorMessageFailed")]
        public static partial void MessageFailed(ILogger logger, Exception exception, AppName app, string message);

        [LoggerMessage(3102, LogLevel.Error, "{App}: the supervisor could not carry out {Effect}.", EventName = "SupervisorEffectFailed")]
        public static partial void EffectFailed(ILogger logger, Exception exception, AppName app, string effect);

        [LoggerMessage(3103, LogLevel.Error, "{App}: {Dyno} of release {Release} could not be started.", EventName = "DynoStartFailed")]
        public static partial void StartFailed(ILogger logger, Exception exception, AppName app, DynoName dyno, ReleaseVersion release);

        [LoggerMessage(3104, LogLevel.Error, "{App}: the engine failed while {Dyno} was {Activity}.", EventName = "DynoEngineFailed")]
        public static partial void EngineFailed(ILogger logger, Exception exception, AppName app, DynoName dyno, string activity);

        [LoggerMessage(3105, LogLevel.Error, "{App}: gave up waiting for {Dynos} to end.", EventName = "ShutdownIncomplete")]
        public static partial void ShutdownIncomplete(ILogger logger, AppName app, string dynos);
    }
}
