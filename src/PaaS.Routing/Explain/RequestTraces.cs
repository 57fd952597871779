using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The last requests, in a ring. A place is made when it is first needed, 0.4 KiB for an ordinary request and at most 2.5 KiB, and used again from
/// then on: 10,000 of them take about 4 MiB. Adding takes the lock of one place, which another request wants only after a whole turn of the ring.
/// </summary>
internal sealed class RequestTraces(int capacity, TimeProvider time) : IRequestTrace
{
    private readonly TraceSlot?[] _slots = new TraceSlot?[capacity];
    private ulong _added;

    /// <summary>Notes a request that is over.</summary>
    public void Add(RequestFacts facts)
    {
        if (_slots.Length == 0)
        {
            return;
        }

        ref var place = ref _slots[(Interlocked.Increment(ref _added) - 1) % (uint)_slots.Length];
        var slot = Volatile.Read(ref place);
        if (slot is null)
        {
            var made = new TraceSlot();
            slot = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }

        lock (slot)
        {
            slot.Take(facts);
        }
    }

    /// <inheritdoc/>
    public RequestTrace? Find(string requestId, AppId? app = null)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        var id = Encoding.Latin1.GetBytes(requestId);
        foreach (var slot in NewestFirst())
        {
            lock (slot)
            {
                if (slot.Is(id, app))
                {
                    return slot.ToTrace(time);
                }
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<RequestTrace> Recent(int count, AppId? app = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var traces = new List<RequestTrace>(Math.Min(count, _slots.Length));
        foreach (var slot in NewestFirst())
        {
            if (traces.Count >= count)
            {
                break;
            }

            lock (slot)
            {
                if (slot.IsOf(app))
                {
                    traces.Add(slot.ToTrace(time));
                }
            }
        }

        return traces;
    }

    private IEnumerable<TraceSlot> NewestFirst()
    {
        var added = Volatile.Read(ref _added);
        for (var back = 1UL; back <= Math.Min(added, (ulong)_slots.Length); back++)
        {
            if (Volatile.Read(ref _slots[(added - back) % (uint)_slots.Length]) is { } slot)
            {
                yield return slot;
            }
        }
    }
}
