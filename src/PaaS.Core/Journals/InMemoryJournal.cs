using System.Runtime.CompilerServices;

namespace PaaS.Core;

/// <summary>A journal in memory: for tests, and for hosts that keep nothing.</summary>
public sealed class InMemoryJournal : IJournal
{
    private readonly Lock _gate = new();
    private readonly List<RecordedEvent> _all = [];
    private long _lastPosition;
    private readonly SortedDictionary<string, List<RecordedEvent>> _streams = new(StringComparer.Ordinal);
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(StreamName stream, long expected, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfZero(events.Count, nameof(events));
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource appended;
        long version;
        lock (_gate)
        {
            var name = stream.ToString();
            var list = _streams.GetValueOrDefault(name);
            version = list is null ? 0 : list[^1].Version;
            if (version != expected)
            {
                return ValueTask.FromResult(new AppendResult(false, version));
            }

            if (list is null)
            {
                _streams.Add(name, list = []);
            }

            foreach (var e in events)
            {
                var recorded = new RecordedEvent(stream, ++version, ++_lastPosition, e);
                list.Add(recorded);
                _all.Add(recorded);
            }

            (appended, _appended) = (_appended, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        appended.TrySetResult();
        return ValueTask.FromResult(new AppendResult(true, version));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamName stream, long from = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RecordedEvent[] found;
        lock (_gate)
        {
            found = _streams.TryGetValue(stream.ToString(), out var list) ? [.. list.SkipWhile(e => e.Version < from)] : [];
        }

        foreach (var e in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return e;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadAllAsync(long from = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var e in Since(from, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return e;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamName> ListStreamsAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string[] names;
        lock (_gate)
        {
            names = [.. _streams.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        }

        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return StreamName.Parse(name);
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> SubscribeAsync(long from = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = Math.Max(1, from);
        while (true)
        {
            var found = Since(next, out var appended);
            foreach (var e in found)
            {
                yield return e;
                next = e.Position + 1;
            }

            await appended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(StreamName stream, long beforeVersion, CancellationToken cancellationToken = default)
    {
        stream.RequireCompactable();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_streams.TryGetValue(stream.ToString(), out var list))
            {
                var keep = Math.Min(beforeVersion, list[^1].Version);
                list.RemoveAll(e => e.Version < keep);
                _all.RemoveAll(e => e.Stream == stream && e.Version < keep);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The place of the first event at a position or after it; positions have gaps where a stream was compacted.</summary>
    private int FirstAt(long position)
    {
        var (low, high) = (0, _all.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _all[middle].Position < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private RecordedEvent[] Since(long from, out Task appended)
    {
        lock (_gate)
        {
            appended = _appended.Task;
            return [.. _all.Skip(FirstAt(from))];
        }
    }
}
