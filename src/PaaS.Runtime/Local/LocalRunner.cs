using System.Collections.Immutable;
using System.Threading.Channels;

namespace PaaS.Runtime;

/// <summary>
/// Runs an app's Procfile on the developer's machine as <c>heroku local</c> does: as the user, with the user's environment, every
/// process with a PORT of its own, all lines in one stream. When one process ends, all end; nothing is left behind, however the
/// runner itself ends. Linux with glibc 2.34 or later only.
/// </summary>
/// <remarks>
/// It takes no signal of the host process's: whoever embeds it passes Ctrl-C on to <see cref="Stop"/>.
/// </remarks>
public sealed class LocalRunner
{
    private static readonly TimeSpan s_lastLines = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly Channel<LocalRunMessage> _messages = Channel.CreateUnbounded<LocalRunMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LocalRunOptions _options;
    private readonly ImmutableArray<LocalProcess> _plan;
    private readonly LocalTree?[] _trees;
    private readonly Lock _gate = new();
    private LocalRunState _state;
    private volatile bool _stopping;
    private bool _over;
    private int _runs;

    /// <summary>Makes a runner; nothing is started yet.</summary>
    /// <param name="options">What to run.</param>
    /// <exception cref="LocalRunException">It cannot be run: errors in the Procfile, an unknown process type, a base port out of range, nothing to run.</exception>
    public LocalRunner(LocalRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options with { Directory = Path.GetFullPath(options.Directory) };
        _plan = LocalPlan.Make(_options);
        _trees = new LocalTree?[_plan.Length];
        _state = LocalRunState.Of(_plan.Length);
    }

    /// <summary>Starts everything and returns when nothing of it is left. Can be called once.</summary>
    /// <param name="cancellationToken">Kills everything at once. To end it in order, call <see cref="Stop"/>.</param>
    /// <returns>
    /// The status of the process that ended first, as the shell gives it; 0 after <see cref="Stop"/>; 128 and the signal's number
    /// after a second <see cref="Stop"/>; 1 if a process could not be started or nobody takes the output any more.
    /// </returns>
    /// <exception cref="PlatformNotSupportedException">Not Linux with glibc 2.34 or later.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; everything has been killed.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _runs, 1) != 0)
        {
            throw new InvalidOperationException($"A {nameof(LocalRunner)} runs once. Make another one.");
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The local runner needs Linux with glibc 2.34 or later: elsewhere it could not promise to leave no process behind. In Windows it runs inside WSL 2.");
        }

        using var records = await LocalRecords.OpenAsync(_options.StateDirectory ?? LocalRecords.DefaultRoot, cancellationToken).ConfigureAwait(false);
        var launcher = new PlainLauncher(records.Directory);
        await using (launcher.ConfigureAwait(false))
        {
            return await RunPlanAsync(launcher, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends the run in order: every process gets the signal and the grace to end, then what is left is killed. Called again, it
    /// kills at once. Returns immediately; <see cref="RunAsync"/> returns when all have ended.
    /// </summary>
    /// <param name="signal">What to send: SIGINT for Ctrl-C, SIGTERM for a request to end.</param>
    public void Stop(ProcessSignal signal = ProcessSignal.Interrupt) => Post(new LocalRunMessage.StopAsked(signal));

    private async Task<int> RunPlanAsync(IProcessLauncher launcher, CancellationToken cancellationToken)
    {
        using var output = new LocalOutput(_options, _plan) { Lost = why => Post(new LocalRunMessage.OutputLost(why)) };
        var grace = _options.Time.CreateTimer(_ => Post(new LocalRunMessage.GraceOver()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using (grace.ConfigureAwait(false))
        {
            var running = StartAllAsync(launcher, output, cancellationToken);
            try
            {
                while (!_state.IsOver)
                {
                    var (next, effects) = LocalRunMachine.Step(_state, await _messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false));
                    _state = next;
                    _stopping = next.Phase != LocalRunPhase.Running;
                    foreach (var effect in effects)
                    {
                        await CarryOutAsync(effect, output, grace).ConfigureAwait(false);
                    }
                }
            }
            finally
            {
                KillAll();
                await running.ConfigureAwait(false);
            }
        }

        return _state.ExitCode;
    }

    private async Task CarryOutAsync(LocalRunEffect effect, LocalOutput output, ITimer grace)
    {
        switch (effect)
        {
            case LocalRunEffect.Signal signal:
                _trees[signal.Index]!.Handle.SignalAll(signal.With);
                break;
            case LocalRunEffect.Kill kill:
                _trees[kill.Index]!.Kill();
                break;
            case LocalRunEffect.StartGrace:
                grace.Change(_options.Grace, Timeout.InfiniteTimeSpan);
                break;
            case LocalRunEffect.SayExit exit:
                await output.SayExitAsync(exit.Index, exit.Status).ConfigureAwait(false);
                break;
            case LocalRunEffect.SayStop stop:
                await output.SayStopAsync(stop.With).ConfigureAwait(false);
                break;
            case LocalRunEffect.Warn warn:
                await output.WarnAsync(warn.Text).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect), effect, null);
        }
    }

    /// <summary>Starts one after the other, watches each, and ends when the last watch has ended.</summary>
    private async Task StartAllAsync(IProcessLauncher launcher, LocalOutput output, CancellationToken cancellationToken)
    {
        var watches = new List<Task>();
        for (var index = 0; index < _plan.Length; index++)
        {
            if (_stopping)
            {
                Post(new LocalRunMessage.LeftOut(index));
                continue;
            }

            try
            {
                var tree = new LocalTree(await launcher.StartAsync(SpecOf(_plan[index]), cancellationToken).ConfigureAwait(false));
                Add(index, tree);
                Post(new LocalRunMessage.Started(index));
                watches.Add(WatchAsync(index, tree, output));
            }
            catch (Exception e) when (e is ProcessStartException or IOException or UnauthorizedAccessException)
            {
                Post(new LocalRunMessage.NotStarted(index, e.Message));
            }
            catch (OperationCanceledException)
            {
                Post(new LocalRunMessage.LeftOut(index));
            }
        }

        await Task.WhenAll(watches).ConfigureAwait(false);
    }

    /// <summary>Either the end of the run sees a tree, or the tree sees the end.</summary>
    private void Add(int index, LocalTree tree)
    {
        lock (_gate)
        {
            _trees[index] = tree;
            if (_over)
            {
                tree.Kill();
            }
        }
    }

    private void KillAll()
    {
        lock (_gate)
        {
            (_over, _stopping) = (true, true);
            Array.ForEach(_trees, static tree => tree?.Kill());
        }
    }

    private async Task WatchAsync(int index, LocalTree tree, LocalOutput output)
    {
        try
        {
            await FollowAsync(index, tree, output).ConfigureAwait(false);
            Post(new LocalRunMessage.TreeGone(index));
        }
        catch (Exception e)
        {
            // The run cannot be told to wait for what nobody watches.
            _messages.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task FollowAsync(int index, LocalTree tree, LocalOutput output)
    {
        var handle = tree.Handle;
        await using (handle.ConfigureAwait(false))
        {
            using var giveUp = new CancellationTokenSource();
            var pump = output.PumpAsync(index, handle.Output, giveUp.Token);
            await Task.WhenAny(handle.Exited, tree.Killed).ConfigureAwait(false);
            if (tree.Killed.IsCompleted)
            {
                await handle.KillTreeAsync().ConfigureAwait(false);
            }

            // Its last lines come before the word that it has ended, unless somebody else holds its output open.
            var exit = await handle.Exited.ConfigureAwait(false);
            await Task.WhenAny(pump, Task.Delay(s_lastLines, _options.Time)).ConfigureAwait(false);
            Post(new LocalRunMessage.Exited(index, exit.Status));

            await EmptyAsync(tree).ConfigureAwait(false);
            await handle.KillTreeAsync().ConfigureAwait(false);
            await Task.WhenAny(pump, Task.Delay(s_lastLines, _options.Time)).ConfigureAwait(false);
            await giveUp.CancelAsync().ConfigureAwait(false);
            await pump.ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nothing of a tree is left, or it is to be killed.</summary>
    private async Task EmptyAsync(LocalTree tree)
    {
        using var timer = new PeriodicTimer(s_look, _options.Time);
        while (!tree.Killed.IsCompleted && tree.Handle.ListProcesses().Count > 0)
        {
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private ProcessSpec SpecOf(LocalProcess process) => new()
    {
        Command = [File.Exists("/bin/bash") ? "/bin/bash" : "/bin/sh", "-c", process.Command],
        WorkingDirectory = _options.Directory,
        Environment = LocalPlan.EnvironmentOf(_options, process),
        Label = $"local/{process.Name}",

        // Many a tool that watches files ends when its input does.
        RedirectInput = true,
    };

    private void Post(LocalRunMessage message) => _messages.Writer.TryWrite(message);
}
