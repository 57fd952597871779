namespace PaaS.Core;

/// <summary>
/// The durable log of decisions: the platform's only truth. An append is durable before it returns, and a stream's
/// events are numbered 1, 2, 3 and so on without gaps. A compacted stream begins with a higher number.
/// </summary>
public interface IJournal
{
    /// <summary>Appends events to a stream, all or none, if the stream is at the expected version.</summary>
    /// <param name="stream">The stream; the first append makes it.</param>
    /// <param name="expected">How many events the stream must hold; 0 for a new stream.</param>
    /// <param name="events">At least one event.</param>
    /// <param name="cancellationToken">Gives up before the append has begun; an append that has begun is finished.</param>
    /// <returns>The outcome. A wrong expected version changes nothing and is not an exception.</returns>
    ValueTask<AppendResult> AppendAsync(StreamName stream, long expected, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Reads a stream in order.</summary>
    /// <param name="stream">The stream; one that does not exist is empty.</param>
    /// <param name="from">The first version wanted, from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<RecordedEvent> ReadAsync(StreamName stream, long from = 1, CancellationToken cancellationToken = default);

    /// <summary>Reads all streams in the order of their appends.</summary>
    /// <param name="from">The first position wanted, from 1. Positions grow, and may have gaps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<RecordedEvent> ReadAllAsync(long from = 1, CancellationToken cancellationToken = default);

    /// <summary>Lists the streams whose names begin with a prefix, in ordinal order.</summary>
    /// <param name="prefix">The prefix; empty for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<StreamName> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>Reads all streams from a position on and then follows, without gap or repeat, until cancelled.</summary>
    /// <param name="from">The first position wanted, from 1.</param>
    /// <param name="cancellationToken">Ends the subscription with an <see cref="OperationCanceledException"/>.</param>
    IAsyncEnumerable<RecordedEvent> SubscribeAsync(long from = 1, CancellationToken cancellationToken = default);

    /// <summary>
    /// Drops the old events of a stream whose newest events say all that counts. The versions and positions of the others stay,
    /// and the newest event of the stream always does. Durable before it returns.
    /// </summary>
    /// <param name="stream">A stream that may be compacted (<see cref="StreamName.IsCompactable"/>); one that does not exist is left alone.</param>
    /// <param name="beforeVersion">The first version to be kept.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="ArgumentException">The stream holds decisions, of which none is ever dropped.</exception>
    ValueTask CompactAsync(StreamName stream, long beforeVersion, CancellationToken cancellationToken = default);
}
