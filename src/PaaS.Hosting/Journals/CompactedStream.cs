using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// The only appender to one of an app's streams that hold no decisions. What comes while an append is under way goes together
/// into the next one. From time to time the stream is summed up and what stands before the sum is dropped.
/// </summary>
/// <typeparam name="TEvent">What is recorded.</typeparam>
/// <typeparam name="TRecord">What it comes to: an immutable fold.</typeparam>
internal abstract class CompactedStream<TEvent, TRecord> : IAsyncDisposable
    where TEvent : class
    where TRecord : class
{
    /// <summary>After how many events the stream is summed up.</summary>
    private const int SummaryInterval = 500;

    /// <summary>After how many further events a sum that failed is tried again.</summary>
    private const int SummaryRetry = 50;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly StreamName _stream;
    private readonly IJournal _journal;
    private readonly ILogger _logger;
    private TRecord _record;
    private Task _loop = Task.CompletedTask;
    private long _version;
    private int _sinceSummary;

    /// <param name="stream">A stream that may be compacted.</param>
    /// <param name="empty">What no events come to.</param>
    /// <param name="journal">Where it stands.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    protected CompactedStream(StreamName stream, TRecord empty, IJournal journal, TimeProvider time, ILogger logger)
    {
        stream.RequireCompactable();
        (_stream, _record, _journal, Time, _logger) = (stream, empty, journal, time, logger);
    }

    /// <summary>What is known, as far as it is durable.</summary>
    public TRecord Record => Volatile.Read(ref _record);

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; }

    /// <summary>Records an event; when this returns it is durable.</summary>
    /// <exception cref="ObjectDisposedException">The app has been taken off the host.</exception>
    public async Task AppendAsync(TEvent e)
    {
        var entry = new Entry(e, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(entry), this);
        await entry.Done!.Task;
    }

    /// <summary>Records an event soon; a journal that fails is tried again until it takes it, or the host stops.</summary>
    public void Append(TEvent e) => _queue.Writer.TryWrite(new Entry(e, null));

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

    protected abstract JournalEvent Encode(TEvent e, EventOrigin origin, Guid commandId);

    protected abstract TEvent Decode(RecordedEvent recorded);

    protected abstract TRecord Fold(TRecord record, TEvent e);

    /// <summary>Whether the event says all that those before it say.</summary>
    protected abstract bool IsSummary(TEvent e);

    /// <summary>An event that says all of a record that still counts.</summary>
    protected abstract TEvent Summarize(TRecord record);

    /// <summary>Reads the stream, and takes events from then on.</summary>
    /// <exception cref="JournalFormatException">It holds what this version does not know.</exception>
    protected async Task BeginAsync(CancellationToken cancellationToken)
    {
        await foreach (var recorded in _journal.ReadAsync(_stream, cancellationToken: cancellationToken))
        {
            Fold([Decode(recorded)], recorded.Version);
        }

        _loop = Task.Run(RunAsync, CancellationToken.None);
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
                    CompactedStreamLog.Lost(_logger, _stream, batch.Count);
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
                throw new IOException($"The stream {_stream} has moved on from version {_version}: another host writes to the same journal.");
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            CompactedStreamLog.NotAppended(_logger, _stream, exception);
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
            var origin = new EventOrigin(BuiltInAccount.Operator, Time.GetUtcNow());
            var result = await _journal.AppendAsync(_stream, _version, [.. batch.Select(entry => Encode(entry.Event, origin, entry.Id))]);
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
        var (ids, events, version) = (new HashSet<Guid>(), new List<TEvent>(), _version);
        await foreach (var recorded in _journal.ReadAsync(_stream, _version + 1))
        {
            ids.Add(recorded.Event.CommandId);
            events.Add(Decode(recorded));
            version = recorded.Version;
        }

        Fold(events, version);
        return ids;
    }

    private void Fold(IEnumerable<TEvent> events, long version)
    {
        var record = _record;
        foreach (var e in events)
        {
            record = Fold(record, e);
            _sinceSummary = IsSummary(e) ? 0 : _sinceSummary + 1;
        }

        _version = version;
        Volatile.Write(ref _record, record);
    }

    private async Task SumUpAsync()
    {
        try
        {
            var batch = new List<Entry> { new(Summarize(_record), null) };
            await AppendAsync(batch);
            if (batch.Count == 0)
            {
                await _journal.CompactAsync(_stream, _version);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The stream is only longer than need be.
            CompactedStreamLog.NotSummedUp(_logger, _stream, exception);
            _sinceSummary = Math.Min(_sinceSummary, SummaryInterval - SummaryRetry);
        }
    }

    private async Task<bool> PauseAsync()
    {
        try
        {
            await Task.Delay(RetryDelay, Time, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <param name="Event">What is to be recorded.</param>
    /// <param name="Done">Who waits for it, if anybody does.</param>
    private sealed record Entry(TEvent Event, TaskCompletionSource? Done)
    {
        /// <summary>By which it is known again in the journal.</summary>
        public Guid Id { get; } = Guid.NewGuid();
    }
}

/// <summary>What streams tell the operator. A generic type cannot hold it.</summary>
internal static partial class CompactedStreamLog
{
    [LoggerMessage(145, LogLevel.Error, "What happened could not be recorded in {Stream}")]
    public static partial void NotAppended(ILogger logger, StreamName stream, Exception exception);

    [LoggerMessage(146, LogLevel.Error, "{Count} events of {Stream} are lost: the journal does not take them, and the host stops")]
    public static partial void Lost(ILogger logger, StreamName stream, int count);

    [LoggerMessage(148, LogLevel.Warning, "The stream {Stream} could not be summed up; it is tried again later")]
    public static partial void NotSummedUp(ILogger logger, StreamName stream, Exception exception);
}
