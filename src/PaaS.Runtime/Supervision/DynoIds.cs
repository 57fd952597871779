using System.Buffers.Binary;

namespace PaaS.Runtime;

/// <summary>Ids of dynos as a pure function of a seed and a number, so that the same seed gives the same run of the machine.</summary>
internal static class DynoIds
{
    public static Guid Of(ulong seed, long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Mix(seed + (0x9E3779B97F4A7C15 * (ulong)number)));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix(~seed ^ (0xD1B54A32D192ED03 * (ulong)number)));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A number of 0 to 1, 1 excluded, that belongs to a seed and a number.</summary>
    public static double Chance(ulong seed, long number) => (Mix(Mix(seed) ^ (0xA0761D6478BD642F * (ulong)number)) >> 11) / (double)(1UL << 53);

    // The finalizer of SplitMix64: a bijection, so two numbers never meet in the first half but for the version's four bits.
    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
