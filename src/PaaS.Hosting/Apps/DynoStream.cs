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
        if (_queue.Writer.TryComplete())
        {
            await _stopping.CancelAsync();
        }

        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<Entry>();
        while (batch.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            while (_queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            batch = await WriteAsync(batch);
            if (batch.Count > 0 && !await PauseAsync())
            {
                Log.Lost(_logger, _app, batch.Count);
                return;
            }
        }

        _stopping.Dispose();
    }

    /// <summary>Appends a batch.</summary>
    /// <returns>What is to be tried again.</returns>
    private async Task<List<Entry>> WriteAsync(List<Entry> batch)
    {
        try
        {
            await AppendAsync([.. batch.Select(static entry => entry.Event)]);
            batch.ForEach(static entry => entry.Done?.SetResult());
            if (_sinceSummary >= SummaryInterval)
            {
                await SumUpAsync();
            }

            return [];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotAppended(_logger, _app, exception);
            batch.ForEach(entry => entry.Done?.TrySetException(exception));

            // Told twice is no harm, if the journal has taken them all the same.
            return [.. batch.Where(static entry => entry.Done is null)];
        }
    }

    private async Task AppendAsync(DynoEvent[] events)
    {
        var origin = new EventOrigin(BuiltInAccount.Operator, _time.GetUtcNow());
        var command = Guid.NewGuid();
        var result = await _journal.AppendAsync(StreamName.OfDynos(_app), _version, [.. events.Select(e => DynoEventCodec.Encode(e, origin, command))]);
        if (!result.Succeeded)
        {
            // An earlier append that failed for us had reached the journal.
            _version = result.Version;
            throw new IOException($"The stream of dynos of app {_app} is at version {result.Version}.");
        }

        _version = result.Version;
        _sinceSummary += events.Length;
        Volatile.Write(ref _record, events.Aggregate(_record, static (record, e) => record.Apply(e)));
    }

    private async Task SumUpAsync()
    {
        var now = _time.GetUtcNow();
        var summary = _record with
        {
            Usage = _record.Usage.Trim(now),
            Jobs = _record.Jobs.RemoveRange(_record.Jobs.Where(job => job.Value < now - JobMemory).Select(job => job.Key)),
        };
        await AppendAsync([new DynoEvent.Summarized(summary)]);
        _sinceSummary = 0;
        await _journal.CompactAsync(StreamName.OfDynos(_app), _version);
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

    private sealed record Entry(DynoEvent Event, TaskCompletionSource? Done);

    private static partial class Log
    {
        [LoggerMessage(145, LogLevel.Error, "What happened to dynos of {App} could not be recorded")]
        public static partial void NotAppended(ILogger logger, AppId app, Exception exception);

        [LoggerMessage(146, LogLevel.Error, "{Count} events of dynos of {App} are lost: the journal does not take them, and the host stops")]
        public static partial void Lost(ILogger logger, AppId app, int count);
    }
}
