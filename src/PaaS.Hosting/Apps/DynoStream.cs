using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// The only appender to an app's stream of dynos. What comes while an append is under way goes together into the next
/// one. From time to time the stream is summed up and what stands before the sum is dropped.
/// </summary>
internal sealed partial class DynoStream : IAsyncDisposable
{
    /// <summary>After how many events the stream is summed up.</summary>
    private const int SummaryInterval = 500;

    /// <summary>After how many further events a sum that failed is tried again.</summary>
    private const int SummaryRetry = 50;

    /// <summary>How long an occurrence of a job is remembered: the clock may be set back by so much, and none runs twice.</summary>
    private static readonly TimeSpan JobMemory = TimeSpan.FromDays(35);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly AppId _app;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private DynoRecord _record;
    private long _version;
    private int _sinceSummary;

    private DynoStream(AppId app, IJournal journal, DynoRecord record, long version, int sinceSummary, TimeProvider time, ILogger logger)
    {
        (_app, _journal, _record, _version, _sinceSummary, _time, _logger) = (app, journal, record, version, sinceSummary, time, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>What is known, as far as it is durable.</summary>
    public DynoRecord Record => Volatile.Read(ref _record);

    /// <summary>Reads the stream.</summary>
    /// <exception cref="JournalFormatException">It holds what this version does not know.</exception>
    public static async Task<DynoStream> OpenAsync(AppId app, IJournal journal, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var (record, version, sinceSummary) = (DynoRecord.Empty, 0L, 0);
        await foreach (var recorded in journal.ReadAsync(StreamName.OfDynos(app), cancellationToken: cancellationToken))
        {
            var e = DynoEventCodec.Decode(recorded);
            (record, version, sinceSummary) = (record.Apply(e), recorded.Version, e is DynoEvent.Summarized ? 0 : sinceSummary + 1);
        }

        return new DynoStream(app, journal, record, version, sinceSummary, time, logger);
    }

    /// <summary>Records an event; when this returns it is durable.</summary>
    /// <exception cref="ObjectDisposedException">The app has been taken off the host.</exception>
    public async Task AppendAsync(DynoEvent e)
    {
        var entry = new Entry(e, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(entry), this);
        await entry.Done!.Task;
    }

    /// <summary>Records an event soon; a journal that fails is tried again until it takes it, or the host stops.</summary>
    public void Append(DynoEvent e) => _queue.Writer.TryWrite(new Entry(e, null));

    /// <summary>Records what has been handed over, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete())
        {
            await _loop;
            return;
        }

        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Entry>();
        while (batch.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            await WriteAsync(batch);
            if (batch.Count > 0 && !await PauseAsync())
            {
                await WriteAsync(batch);
                if (batch.Count > 0)
                {
                    Log.Lost(_logger, _app, batch.Count);
                }

                return;
            }
        }
    }

    /// <summary>Appends a batch and what has come meanwhile. What is to be tried again stays in it.</summary>
    private async Task WriteAsync(List<Entry> batch)
    {
        while (_queue.Reader.TryRead(out var entry))
        {
            batch.Add(entry);
        }

        try
        {
            await AppendAsync(batch);
            if (batch.Count > 0)
            {
                // The stream had more than was known here. It is known now.
                await AppendAsync(batch);
            }

            if (batch.Count > 0)
            {
                throw new IOException($"The stream of dynos of app {_app} has moved on from version {_version}: another host writes to the same journal.");
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotAppended(_logger, _app, exception);
            batch.ForEach(entry => entry.Done?.TrySetException(exception));
            batch.RemoveAll(static entry => entry.Done is not null);
            return;
        }

        if (_sinceSummary >= SummaryInterval)
        {
            await SumUpAsync();
        }
    }

    /// <summary>Appends, once. What is in the journal leaves the batch; something is left without an exception if the stream was not where it was thought to be.</summary>
    private async Task AppendAsync(List<Entry> batch)
    {
        ExceptionDispatchInfo? failure = null;
        try
        {
            var origin = new EventOrigin(BuiltInAccount.Operator, _time.GetUtcNow());
            var result = await _journal.AppendAsync(StreamName.OfDynos(_app), _version, [.. batch.Select(entry => DynoEventCodec.Encode(entry.Event, origin, entry.Id))]);
            if (result.Succeeded)
            {
                Fold(batch.Select(static entry => entry.Event), result.Version);
                batch.ForEach(static entry => entry.Done?.TrySetResult());
                batch.Clear();
                return;
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
        }

        // An append that failed, this one or one before it, may have reached the journal all the same. What stands there
        // counts, and is not told again.
        var recorded = await CatchUpAsync();
        batch.RemoveAll(entry => recorded.Contains(entry.Id) && (entry.Done?.TrySetResult() ?? true));
        if (batch.Count > 0)
        {
            failure?.Throw();
        }
    }

    /// <summary>Folds what the stream has beyond the version known.</summary>
    /// <returns>The ids of what was found.</returns>
    private async Task<HashSet<Guid>> CatchUpAsync()
    {
        // Read whole before anything is folded: a read that breaks off has changed nothing.
        var (ids, events, version) = (new HashSet<Guid>(), new List<DynoEvent>(), _version);
        await foreach (var recorded in _journal.ReadAsync(StreamName.OfDynos(_app), _version + 1))
        {
            ids.Add(recorded.Event.CommandId);
            events.Add(DynoEventCodec.Decode(recorded));
            version = recorded.Version;
        }

        Fold(events, version);
        return ids;
    }

    private void Fold(IEnumerable<DynoEvent> events, long version)
    {
        var record = _record;
        foreach (var e in events)
        {
            record = record.Apply(e);
            _sinceSummary = e is DynoEvent.Summarized ? 0 : _sinceSummary + 1;
        }

        _version = version;
        Volatile.Write(ref _record, record);
    }

    private async Task SumUpAsync()
    {
        try
        {
            var now = _time.GetUtcNow();
            var summary = _record with
            {
                Usage = _record.Usage.Trim(now),
                Jobs = _record.Jobs.RemoveRange(_record.Jobs.Where(job => job.Value < now - JobMemory).Select(job => job.Key)),
            };
            var batch = new List<Entry> { new(new DynoEvent.Summarized(summary), null) };
            await AppendAsync(batch);
            if (batch.Count == 0)
            {
                await _journal.CompactAsync(StreamName.OfDynos(_app), _version);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The stream is only longer than need be.
            Log.NotSummedUp(_logger, _app, exception);
            _sinceSummary = Math.Min(_sinceSummary, SummaryInterval - SummaryRetry);
        }
    }

    private async Task<bool> PauseAsync()
    {
        try
        {
            await Task.Delay(RetryDelay, _time, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <param name="Event">What is to be recorded.</param>
    /// <param name="Done">Who waits for it, if anybody does.</param>
    private sealed record Entry(DynoEvent Event, TaskCompletionSource? Done)
    {
        /// <summary>By which it is known again in the journal.</summary>
        public Guid Id { get; } = Guid.NewGuid();
    }

    private static partial class Log
    {
        [LoggerMessage(145, LogLevel.Error, "What happened to dynos of {App} could not be recorded")]
        public static partial void NotAppended(ILogger logger, AppId app, Exception exception);

        [LoggerMessage(146, LogLevel.Error, "{Count} events of dynos of {App} are lost: the journal does not take them, and the host stops")]
        public static partial void Lost(ILogger logger, AppId app, int count);

        [LoggerMessage(148, LogLevel.Warning, "The stream of dynos of {App} could not be summed up; it is tried again later")]
        public static partial void NotSummedUp(ILogger logger, AppId app, Exception exception);
    }
}
