using System.Buffers.Binary;
using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// The private addresses of one host's processes: 1,024 in a row that nothing on the machine uses. The first one but the
/// block's own is the host's end of every pair, the others are the processes'. An address rests for a minute after its
/// process has gone, as a port does, so that a late request for the old dyno never reaches a new one of another app.
/// </summary>
internal sealed class AddressBlock
{
    public const byte Prefix = 22;
    private const int Size = 1 << (32 - Prefix);
    private const int FirstIndex = 2;
    private const int LastIndex = Size - 2;

    /// <summary>RFC 1918's three ranges, the largest first.</summary>
    private static readonly IPNetwork[] Ranges = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16")];

    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];
    private readonly Dictionary<int, long> _returned = [];
    private readonly TimeProvider _time;
    private readonly uint _base;
    private int _next = FirstIndex;

    /// <summary>Makes a block.</summary>
    /// <param name="network">Its addresses.</param>
    /// <param name="time">The clock.</param>
    public AddressBlock(IPNetwork network, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(network.PrefixLength, Prefix);
        Network = network;
        _base = ToNumber(network.BaseAddress);
        _time = time;
    }

    /// <summary>All of it.</summary>
    public IPNetwork Network { get; }

    /// <summary>The host's end of every pair.</summary>
    public IPAddress Host => At(1);

    /// <summary>
    /// A block that overlaps nothing of these. Where it begins to look follows from the host's id, so that two hosts on one
    /// machine, and hosts on machines that reach each other, differ.
    /// </summary>
    /// <returns><see langword="null"/> if every block overlaps something.</returns>
    public static IPNetwork? Choose(Guid host, IReadOnlyCollection<IPNetwork> used)
    {
        var start = BinaryPrimitives.ReadUInt32BigEndian(host.ToByteArray());
        foreach (var range in Ranges)
        {
            var count = 1u << (Prefix - range.PrefixLength);
            for (uint i = 0; i < count; i++)
            {
                var block = new IPNetwork(ToAddress(ToNumber(range.BaseAddress) + (((start + i) % count) * Size)), Prefix);
                if (!used.Any(other => other.Contains(block.BaseAddress) || block.Contains(other.BaseAddress)))
                {
                    return block;
                }
            }
        }

        return null;
    }

    /// <summary>The address with a number from <see cref="Take"/>.</summary>
    public IPAddress At(int index) => ToAddress(_base + (uint)index);

    /// <summary>Takes an address; it is told by its number in the block.</summary>
    /// <exception cref="ProcessStartException">None is free.</exception>
    public int Take()
    {
        const int count = LastIndex - FirstIndex + 1;
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                var index = FirstIndex + ((_next - FirstIndex + i) % count);
                if (!_taken.Contains(index) && HasRested(index))
                {
                    _taken.Add(index);
                    _returned.Remove(index);
                    _next = index + 1;
                    return index;
                }
            }
        }

        throw new ProcessStartException($"No address of {Network} is free: {_taken.Count} are processes', the others have been given back less than {PortRange.Rest.TotalSeconds:0} s ago. One host has at most {count} processes with a network of their own: run fewer, or start fewer per minute.");
    }

    /// <summary>Gives an address back, when nothing is left of its process.</summary>
    public void Return(int index)
    {
        lock (_gate)
        {
            if (_taken.Remove(index))
            {
                _returned[index] = _time.GetTimestamp();
            }
        }
    }

    private static uint ToNumber(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress ToAddress(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    private bool HasRested(int index) => !_returned.TryGetValue(index, out var since) || _time.GetElapsedTime(since) >= PortRange.Rest;
}
