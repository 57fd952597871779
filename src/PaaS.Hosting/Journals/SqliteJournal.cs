using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace PaaS.Hosting;

/// <summary>
/// The journal in one SQLite file. An append is on the disk before it returns (write-ahead log, synchronous=FULL);
/// appends that wait for the disk at the same moment share one commit. One journal at a time may be open on a file.
/// </summary>
public sealed class SqliteJournal : IJournal, IAsyncDisposable
{
    private readonly string _path;
    private readonly SqliteJournalReader _reader;
    private readonly SqliteJournalWriter _writer;
    private readonly Channel<PendingAppend> _pending = Channel.CreateUnbounded<PendingAppend>(new() { SingleReader = true });
    private readonly Task _writing;
    private volatile bool _closed;
    private volatile TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SqliteJournal(string path, SqliteJournalWriter writer)
    {
        _path = path;
        _writer = writer;
        _reader = new(path);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Opens the journal; makes the file, readable by its owner only, if it is not there.</summary>
    /// <param name="path">The database file. Its directory must exist.</param>
    /// <exception cref="JournalFormatException">The file is no journal, is damaged, or was written by a newer version.</exception>
    /// <exception cref="IOException">The file cannot be opened or written.</exception>
    public static ValueTask<SqliteJournal> OpenAsync(string path) => OpenAsync(path, maximumPages: null);

    /// <summary>Opens a journal whose file cannot grow past a number of pages: a disk that is full at a known place.</summary>
    internal static async ValueTask<SqliteJournal> OpenAsync(string path, int? maximumPages)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = Path.GetFullPath(path);
        // SQLite has no asynchronous calls; its waits for the disk belong on a pool thread.
        return new SqliteJournal(full, await Task.Run(() => SqliteJournalWriter.Open(full, maximumPages)));
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk is full or failing: nothing of this append is in the journal, and a later one may succeed.</exception>
    /// <exception cref="ObjectDisposedException">The journal has been closed.</exception>
    public async ValueTask<AppendResult> AppendAsync(StreamName stream, long expected, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfZero(events.Count, nameof(events));
        ArgumentException.ThrowIfNullOrEmpty(stream.ToString(), nameof(stream));
        cancellationToken.ThrowIfCancellationRequested();
        return await WriteAsync(new PendingAppend(stream, expected, [.. events]), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk is full or failing: nothing was dropped.</exception>
    /// <exception cref="ObjectDisposedException">The journal has been closed.</exception>
    public async ValueTask CompactAsync(StreamName stream, long beforeVersion, CancellationToken cancellationToken = default)
    {
        stream.RequireCompactable();
        cancellationToken.ThrowIfCancellationRequested();
        await WriteAsync(new PendingAppend(stream, 0, []) { DropBefore = beforeVersion }, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamName stream, long from = 1, CancellationToken cancellationToken = default) =>
        PagesAsync(from, reader => reader.LastVersion(stream), (reader, next, last) => reader.ReadStream(stream, next, last), e => e.Version, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long from = 1, CancellationToken cancellationToken = default) =>
        PagesAsync(from, reader => reader.LastPosition(), (reader, next, last) => reader.ReadAll(next, last), e => e.Position, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamName> ListStreamsAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string? after = null;
        while (await RunAsync(reader => reader.ListStreams(prefix, after), cancellationToken) is { Count: > 0 } page)
        {
            foreach (var name in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return StreamName.Parse(name);
            }

            after = page[^1];
        }
    }

    /// <inheritdoc/>
    /// <remarks>Follows the appends made through this object. Ends with an <see cref="ObjectDisposedException"/> when the journal is closed.</remarks>
    public async IAsyncEnumerable<RecordedEvent> SubscribeAsync(long from = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = Math.Max(1, from);
        while (true)
        {
            // Taken before the read: an append after the read completes this one, an append before it is read.
            var appended = _appended.Task;
            await foreach (var e in ReadAllAsync(next, cancellationToken))
            {
                yield return e;
                next = e.Position + 1;
            }

            await appended.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Finishes the appends that have been accepted, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        await _writing;
        _closed = true;
        _appended.TrySetException(new ObjectDisposedException(nameof(SqliteJournal)));
        // Nobody may be waiting; the exception is theirs alone.
        _ = _appended.Task.Exception;
        _reader.Dispose();
        _writer.Dispose();
    }

    private async Task<AppendResult> WriteAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(!_pending.Writer.TryWrite(append), this);
        await using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((PendingAppend)state!).TryCancel(token), append);
        return await append.Outcome;
    }

    private async Task WriteAsync()
    {
        var batch = new List<PendingAppend>();
        while (await _pending.Reader.WaitToReadAsync())
        {
            while (batch.Count < SqliteJournalWriter.MaximumBatch && _pending.Reader.TryRead(out var append))
            {
                if (append.TryBegin())
                {
                    batch.Add(append);
                }
            }

            if (_writer.Write(batch))
            {
                var appended = _appended;
                _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
                appended.SetResult();
            }

            batch.ForEach(append => append.Complete());
            batch.Clear();
        }
    }

    // Page by page, so that a slow reader holds no transaction open: that would keep the write-ahead log from shrinking.
    private async IAsyncEnumerable<RecordedEvent> PagesAsync(
        long from,
        Func<SqliteJournalReader, long> readLast,
        Func<SqliteJournalReader, long, long, List<RecordedEvent>> readPage,
        Func<RecordedEvent, long> numberOf,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = Math.Max(1, from);
        var last = await RunAsync(readLast, cancellationToken);
        while (next <= last && await RunAsync(reader => readPage(reader, next, last), cancellationToken) is { Count: > 0 } page)
        {
            foreach (var e in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return e;
            }

            next = numberOf(page[^1]) + 1;
        }
    }

    private async Task<T> RunAsync<T>(Func<SqliteJournalReader, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            return await Task.Run(() => read(_reader), cancellationToken);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, _path, "read");
        }
    }
}
