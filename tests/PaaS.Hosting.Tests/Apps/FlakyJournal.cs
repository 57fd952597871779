namespace PaaS.Hosting.Tests;

/// <summary>A journal in memory that fails when the test says so.</summary>
internal sealed class FlakyJournal : IJournal
{
    private readonly InMemoryJournal _inner = new();

    /// <summary>A journal of its own with the same events.</summary>
    public async Task<FlakyJournal> CopyAsync()
    {
        var copy = new FlakyJournal();
        await foreach (var e in _inner.ReadAllAsync())
        {
            await copy._inner.AppendAsync(e.Stream, e.Version - 1, [e.Event]);
        }

        return copy;
    }

    /// <summary>Whether an append of these events fails, with nothing of it kept.</summary>
    public Func<StreamName, IReadOnlyList<JournalEvent>, bool> Fails { get; set; } = (_, _) => false;

    /// <summary>Whether an append of these events fails although it was kept.</summary>
    public Func<StreamName, IReadOnlyList<JournalEvent>, bool> FailsKept { get; set; } = (_, _) => false;

    /// <summary>Whether the reading of a stream fails.</summary>
    public Func<StreamName, bool> FailsReading { get; set; } = _ => false;

    /// <summary>Whether the compaction of a stream fails.</summary>
    public Func<StreamName, bool> FailsCompacting { get; set; } = _ => false;

    /// <summary>Fails the next append that holds an event of a type.</summary>
    public void FailOnce(string eventType)
    {
        var failed = 0;
        Fails = (_, events) => events.Any(e => e.Type == eventType) && Interlocked.Exchange(ref failed, 1) == 0;
    }

    public async ValueTask<AppendResult> AppendAsync(StreamName stream, long expected, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        if (Fails(stream, events))
        {
            throw new IOException("No space left on device");
        }

        var result = await _inner.AppendAsync(stream, expected, events, cancellationToken);
        return FailsKept(stream, events) ? throw new IOException("Nobody knows what became of it") : result;
    }

    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamName stream, long from = 1, CancellationToken cancellationToken = default) =>
        FailsReading(stream) ? throw new IOException("Input/output error") : _inner.ReadAsync(stream, from, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long from = 1, CancellationToken cancellationToken = default) => _inner.ReadAllAsync(from, cancellationToken);

    public IAsyncEnumerable<StreamName> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default) => _inner.ListStreamsAsync(prefix, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> SubscribeAsync(long from = 1, CancellationToken cancellationToken = default) => _inner.SubscribeAsync(from, cancellationToken);

    public ValueTask CompactAsync(StreamName stream, long beforeVersion, CancellationToken cancellationToken = default) =>
        FailsCompacting(stream) ? throw new IOException("No space left on device") : _inner.CompactAsync(stream, beforeVersion, cancellationToken);

    public async Task<IReadOnlyList<RecordedEvent>> ReadAllAsync(StreamName stream)
    {
        var events = new List<RecordedEvent>();
        await foreach (var e in _inner.ReadAsync(stream))
        {
            events.Add(e);
        }

        return events;
    }
}
