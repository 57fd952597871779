namespace PaaS.Runtime;

/// <summary>
/// The ports of the dynos of one machine. A port rests for a minute after its dyno has gone, so that a late request of a
/// router for the old dyno never reaches a new one of another app.
/// </summary>
internal sealed class PortRange
{
    /// <summary>How long a port rests.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];
    private readonly Dictionary<int, long> _returned = [];
    private readonly int _lowest;
    private readonly int _count;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly Func<int, bool> _isFree;

    /// <summary>Makes a range.</summary>
    /// <param name="lowest">The first port.</param>
    /// <param name="highest">The last port.</param>
    /// <param name="random">Chooses where to begin to look.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isFree">Whether nobody else on the machine has the port.</param>
    public PortRange(int lowest, int highest, Random random, TimeProvider time, Func<int, bool> isFree)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lowest, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(highest, 65_535);
        ArgumentOutOfRangeException.ThrowIfLessThan(highest, lowest);
        _lowest = lowest;
        _count = highest - lowest + 1;
        _random = random;
        _time = time;
        _isFree = isFree;
    }

    /// <summary>Takes a port.</summary>
    /// <exception cref="ProcessStartException">None is free.</exception>
    public int Take()
    {
        lock (_gate)
        {
            var start = _random.Next(_count);
            for (var i = 0; i < _count; i++)
            {
                var port = _lowest + ((start + i) % _count);
                if (!_taken.Contains(port) && HasRested(port) && _isFree(port))
                {
                    _taken.Add(port);
                    _returned.Remove(port);
                    return port;
                }
            }
        }

        throw new ProcessStartException($"No port from {_lowest} to {_lowest + _count - 1} is free: {_taken.Count} are dynos', the others have been given back less than {Rest.TotalSeconds:0} s ago or are other programs'. Widen the range of ports.");
    }

    /// <summary>A port of the range, for a network in which nobody else has any. It is not taken and not given back.</summary>
    public int Draw()
    {
        lock (_gate)
        {
            return _lowest + _random.Next(_count);
        }
    }

    /// <summary>Gives a port back, when nothing is left of its dyno.</summary>
    public void Return(int port)
    {
        lock (_gate)
        {
            if (_taken.Remove(port))
            {
                _returned[port] = _time.GetTimestamp();
            }
        }
    }

    private bool HasRested(int port) => !_returned.TryGetValue(port, out var since) || _time.GetElapsedTime(since) >= Rest;
}
