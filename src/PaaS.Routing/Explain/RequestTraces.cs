using System.Text;

namespace PaaS.Routing;

/// <summary>
/// The last requests, in a ring of blocks, each made when it is first needed. A request takes 0.4 KiB, at most 2.5 KiB: 10,000 of them take about 4 MiB. Adding
/// holds up nobody but another request that wants the same place after a whole turn of the ring.
/// </summary>
internal sealed class RequestTraces(int capacity, TimeProvider time) : IRequestTrace
{
    /// <summary>Large enough for a block to be one that the garbage collector does not move.</summary>
    private const int BlockSize = 256;

    private readonly TraceSlot[]?[] _blocks = new TraceSlot[]?[(capacity + BlockSize - 1) / BlockSize];
    private ulong _added;

    /// <summary>Notes a request that is over.</summary>
    public void Add(RequestFacts facts)
    {
        if (capacity == 0)
        {
            return;
        }

        var place = (int)((Interlocked.Increment(ref _added) - 1) % (uint)capacity);
        var block = Volatile.Read(ref _blocks[place / BlockSize]) ?? Make(place / BlockSize);
        ref var slot = ref block[place % BlockSize];
        slot.Enter();
        try
        {
            slot.Take(facts);
        }
        finally
        {
            slot.Leave();
        }
    }

    /// <inheritdoc/>
    public RequestTrace? Find(string requestId, AppId? app = null)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        var id = Encoding.Latin1.GetBytes(requestId);
        foreach (var slot in NewestFirst())
        {
            if (slot.Is(id, app))
            {
                return slot.ToTrace(time);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<RequestTrace> Recent(int count, AppId? app = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var traces = new List<RequestTrace>(Math.Min(count, capacity));
        foreach (var slot in NewestFirst())
        {
            if (traces.Count >= count)
            {
                break;
            }

            if (slot.IsOf(app))
            {
                traces.Add(slot.ToTrace(time));
            }
        }

        return traces;
    }

    /// <summary>Copies, so that requests go on while somebody reads.</summary>
    private IEnumerable<TraceSlot> NewestFirst()
    {
        var added = Volatile.Read(ref _added);
        for (var back = 1UL; back <= Math.Min(added, (ulong)capacity); back++)
        {
            var place = (int)((added - back) % (uint)capacity);
            if (Volatile.Read(ref _blocks[place / BlockSize]) is { } block)
            {
                yield return block[place % BlockSize].Copy();
            }
        }
    }

    private TraceSlot[] Make(int block)
    {
        var made = new TraceSlot[Math.Min(BlockSize, capacity - (block * BlockSize))];
        return Interlocked.CompareExchange(ref _blocks[block], made, null) ?? made;
    }
}
