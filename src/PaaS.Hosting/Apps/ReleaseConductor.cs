using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>
/// Leads an app's pending releases, strictly in order, to their verdict: run the release command, swap the
/// dynos, then have the writer record success or failure. Whoever made a release can wait for its verdict here.
/// </summary>
internal sealed partial class ReleaseConductor : IAsyncDisposable
{
    private const string Interrupted = "The host stopped before the release was ready. Deploy it again.";
    private const string PlatformError = "Error R99 (Platform error) -> The release could not be carried out. Deploy or change it again; the host's log says what failed.";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<ReleaseVersion, TaskCompletionSource<ReleaseVerdict>> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly AppWriter _writer;
    private readonly DynoSupervisor _supervisor;
    private readonly ReleasePhase _phase;
    private readonly ReleaseOutputs _outputs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReleaseVersion _newestOfEarlierRun;
    private Task _loop = Task.CompletedTask;
    private volatile bool _ended;
    private int _disposed;

    /// <param name="writer">Records the verdicts.</param>
    /// <param name="supervisor">Swaps the dynos.</param>
    /// <param name="phase">Runs release commands.</param>
    /// <param name="outputs">What they have printed.</param>
    /// <param name="newestOfEarlierRun">
    /// The newest release that was replayed. A deploy up to it that is still pending is failed without a try: whoever
    /// pushed it lost the connection with the host and was told nothing, so that it can be pushed again.
    /// </param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public ReleaseConductor(
        AppWriter writer, DynoSupervisor supervisor, ReleasePhase phase, ReleaseOutputs outputs, ReleaseVersion newestOfEarlierRun, TimeProvider time, ILogger logger) =>
        (_writer, _supervisor, _phase, _outputs, _newestOfEarlierRun, _time, _logger) = (writer, supervisor, phase, outputs, newestOfEarlierRun, time, logger);

    public void Start()
    {
        _loop = Task.Run(RunAsync);
        Wake();
    }

    /// <summary>There may be a pending release, or the formation may have changed.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>Waits for a release's verdict.</summary>
    public async Task<ReleaseVerdict> WaitAsync(ReleaseVersion version, CancellationToken cancellationToken)
    {
        var verdict = _waiting.GetOrAdd(version, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        // It may have been settled before anybody waited.
        if (_writer.App.Find(version) is { Status: not ReleaseStatus.Pending } settled && _waiting.TryRemove(version, out _))
        {
            verdict.TrySetResult(new ReleaseVerdict(settled, []));
        }

        if (_ended)
        {
            End(version, verdict);
        }

        return await verdict.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _loop;
        _ended = true;
        _outputs.EndAll();
        foreach (var (version, waiting) in _waiting)
        {
            End(version, waiting);
        }

        _stopping.Dispose();
    }

    /// <summary>There will be no verdict: the app is gone, or the host stops and the next start deals with the release.</summary>
    private void End(ReleaseVersion version, TaskCompletionSource<ReleaseVerdict> waiting)
    {
        var reason = _writer.App.IsDestroyed ? "The app was destroyed before the release was ready." : "The platform is stopping. Push again when it is back.";
        if (_writer.App.Find(version) is { Status: ReleaseStatus.Pending } release)
        {
            waiting.TrySetResult(new ReleaseVerdict(release with { Status = ReleaseStatus.Failed, Failure = reason }, []));
        }
        else
        {
            waiting.TrySetCanceled();
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await LeadAllAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // A release that is still pending is dealt with at the next start.
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Without this loop the app would never have another release.
                Log.Stumbled(_logger, exception);
                await Task.Delay(RetryDelay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Wake();
            }
        }
    }

    private async Task LeadAllAsync()
    {
        while (await _signal.Reader.WaitToReadAsync(_stopping.Token))
        {
            _signal.Reader.TryRead(out _);
            while (_writer.App is { IsDestroyed: false, Pending: { } release } app)
            {
                await LeadAsync(app, release);
            }

            FollowFormation(known: null);
        }
    }

    private async Task LeadAsync(App app, Release release)
    {
        if (release.Cause is ReleaseCause.Deploy && release.Version <= _newestOfEarlierRun)
        {
            await SettleAsync(release, Interrupted, []);
            return;
        }

        var (failure, lastLines) = (PlatformError, ImmutableArray<string>.Empty);
        try
        {
            (failure, lastLines) = await CarryOutAsync(app, release);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !_stopping.IsCancellationRequested)
        {
            // Not tried again: its command may have run, and would run without end.
            Log.NotCarriedOut(_logger, release.Version, exception);
        }

        await SettleAsync(release, failure, lastLines);
    }

    /// <summary>Runs the release command and swaps the dynos.</summary>
    /// <returns>Why the release fails, with the last lines of the dyno at fault; null if it succeeds.</returns>
    private async Task<(string? Failure, ImmutableArray<string> LastLines)> CarryOutAsync(App app, Release release)
    {
        if (await _phase.RunAsync(release, app.ReleaseSize, _stopping.Token) is { } failure)
        {
            return (failure, []);
        }

        if (release.Slug is not { } slug)
        {
            return (null, []);
        }

        // The app as it is now: it may have been scaled while the release command ran.
        var now = _writer.App;
        var swap = _supervisor.DeployAsync(
            new RunningRelease(release.Version, slug, release.ConfigVars), ReleaseLedger.FormationUnder(now, slug), _stopping.Token);
        FollowFormation(now.Formation);
        var outcome = await swap;
        return outcome.Status == SwapStatus.Interrupted ? throw new OperationCanceledException(_stopping.Token) : (outcome.Reason, outcome.LastLines);
    }

    /// <summary>Hands a formation over that is newer than the one known. One that is decided while this looks is handed over by whoever recorded it, or by this.</summary>
    private void FollowFormation(Formation? known)
    {
        while (_writer.App is { IsDestroyed: false } app && !ReferenceEquals(app.Formation, known))
        {
            known = app.Formation;
            _supervisor.Scale(known);
        }
    }

    private async Task SettleAsync(Release release, string? failure, ImmutableArray<string> lastLines)
    {
        var settled = await RecordAsync(release, failure);
        _outputs.Settle(release.Version);
        if (_waiting.TryRemove(release.Version, out var waiting))
        {
            waiting.TrySetResult(new ReleaseVerdict(settled, lastLines));
        }
    }

    private async Task<Release> RecordAsync(Release release, string? failure)
    {
        while (true)
        {
            try
            {
                var outcome = await _writer.ExecuteAsync(release.By, new AppCommand.Settle(release.Version, failure), Guid.NewGuid());
                return outcome.TryGet(out var recorded, out var refusal)
                    ? recorded.App.Find(release.Version)!
                    : release with { Status = ReleaseStatus.Failed, Failure = refusal.Message };
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The dynos have been swapped, so the verdict must reach the journal: a full disk is waited out.
                Log.VerdictNotRecorded(_logger, release.Version, exception);
                await Task.Delay(RetryDelay, _time, _stopping.Token);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "The verdict on release {Version} could not be recorded; trying again in a second")]
        public static partial void VerdictNotRecorded(ILogger logger, ReleaseVersion version, Exception exception);

        [LoggerMessage(101, LogLevel.Error, "Release {Version} fails because the platform did")]
        public static partial void NotCarriedOut(ILogger logger, ReleaseVersion version, Exception exception);

        [LoggerMessage(102, LogLevel.Error, "An app's releases are led on in a second, after a failure")]
        public static partial void Stumbled(ILogger logger, Exception exception);
    }
}

/// <summary>What became of a release.</summary>
/// <param name="Release">The settled release.</param>
/// <param name="LastLines">The last lines of the dyno that failed, if one did.</param>
internal sealed record ReleaseVerdict(Release Release, ImmutableArray<string> LastLines)
{
    public bool Succeeded => Release.Status == ReleaseStatus.Succeeded;
}
