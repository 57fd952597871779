namespace PaaS.Routing;

/// <summary>
/// The deadlines of a lane: a binary heap by the time each was noted for. A deadline that has moved to a later time stays where it is until then. Each has
/// its place written in it, so that it is there once, and can be taken out.
/// </summary>
internal sealed class Deadlines
{
    private Timed[] _heap = new Timed[16];

    public int Count { get; private set; }

    /// <summary>When to look again: the time that the earliest was noted for.</summary>
    public long Earliest { get; private set; } = Timed.Never;

    /// <summary>Notes a deadline for its <see cref="Timed.Due"/>, which is earlier than what it was noted for before.</summary>
    public void Note(Timed timed)
    {
        if (timed.NotedAt < 0)
        {
            if (Count == _heap.Length)
            {
                Array.Resize(ref _heap, Count * 2);
            }

            timed.NotedAt = Count++;
        }

        timed.NotedFor = timed.Due;
        Up(timed, timed.NotedAt);
        Earliest = _heap[0].NotedFor;
    }

    /// <summary>Takes a deadline out, if it is noted.</summary>
    public void Remove(Timed timed)
    {
        var at = timed.NotedAt;
        if (at < 0)
        {
            return;
        }

        timed.NotedAt = -1;
        timed.NotedFor = Timed.Never;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (last != timed)
        {
            Up(last, at);
            Down(last, last.NotedAt);
        }

        Earliest = Count > 0 ? _heap[0].NotedFor : Timed.Never;
        if (Count < _heap.Length / 4 && _heap.Length > 64)
        {
            Array.Resize(ref _heap, _heap.Length / 2);
        }
    }

    /// <summary>The next one that is due; what was moved to later is noted anew on the way. Null if none is.</summary>
    public Timed? TakeDue(long now)
    {
        while (Earliest <= now)
        {
            var first = _heap[0];
            if (first.Due <= now)
            {
                Remove(first);
                return first;
            }

            if (first.Due == Timed.Never)
            {
                Remove(first);
                continue;
            }

            first.NotedFor = first.Due;
            Down(first, 0);
            Earliest = _heap[0].NotedFor;
        }

        return null;
    }

    private void Up(Timed timed, int at)
    {
        while (at > 0 && _heap[(at - 1) / 2] is var parent && parent.NotedFor > timed.NotedFor)
        {
            Put(parent, at);
            at = (at - 1) / 2;
        }

        Put(timed, at);
    }

    private void Down(Timed timed, int at)
    {
        while ((at * 2) + 1 is var child && child < Count)
        {
            if (child + 1 < Count && _heap[child + 1].NotedFor < _heap[child].NotedFor)
            {
                child++;
            }

            if (_heap[child].NotedFor >= timed.NotedFor)
            {
                break;
            }

            Put(_heap[child], at);
            at = child;
        }

        Put(timed, at);
    }

    private void Put(Timed timed, int at)
    {
        _heap[at] = timed;
        timed.NotedAt = at;
    }
}
