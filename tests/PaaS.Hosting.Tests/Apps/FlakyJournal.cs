namespace PaaS.Hosting.Tests;

/// <summary>A journal in memory whose appends fail when the test says so: nothing of a failed append is kept.</summary>
internal sealed class FlakyJournal : IJournal
{
    private readonly InMemoryJournal _inner = new();

    /// <summary>Whether an append of these events fails.</summary>
    public Func<StreamName, IReadOnlyList<JournalEvent>, bool> Fails { get; set; } = (_, _) => false;

    /// <summary>Fails the next append that holds an event of a type.</summary>
    public void FailOnce(string eventType)
    {
        var failed = 0;
        Fails = (_, events) => events.Any(e => e.Type == eventType) && Interlocked.Exchange(ref failed, 1) == 0;
    }

    public ValueTask<AppendResult> AppendAsync(StreamName stream, long expected, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default) =>
        Fails(stream, events) ? throw new IOException("No space left on device") : _inner.AppendAsync(stream, expected, events, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamName stream, long from = 1, CancellationToken cancellationToken = default) => _inner.ReadAsync(stream, from, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long from = 1, CancellationToken cancellationToken = default) => _inner.ReadAllAsync(from, cancellationToken);

    public IAsyncEnumerable<StreamName> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default) => _inner.ListStreamsAsync(prefix, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> SubscribeAsync(long from = 1, CancellationToken cancellationToken = default) => _inner.SubscribeAsync(from, cancellationToken);

    public ValueTask CompactAsync(StreamName stream, long beforeVersion, CancellationToken cancellationToken = default) => _inner.CompactAsync(stream, beforeVersion, cancellationToken);

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
