using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PaaS.Routing;

/// <summary>
/// Makes ids for requests that bring none: UUIDs of version 4 (Heroku: HTTP Request IDs). They are unique, not secret: each thread has its own
/// generator (xoshiro256**), seeded once from the system.
/// </summary>
internal static class RequestIds
{
    /// <summary>Bytes of an id.</summary>
    public const int Length = 36;

    [ThreadStatic]
    private static ulong[]? _state;

    /// <summary>Writes a new id as text: lower-case hexadecimal digits, with hyphens.</summary>
    /// <param name="destination">Where to: <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException">There is no room for it.</exception>
    public static void Write(Span<byte> destination)
    {
        var state = _state ??= Seed();
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next(state));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Next(state));
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        if (!new Guid(bytes, bigEndian: true).TryFormat(destination, out _))
        {
            throw new ArgumentException($"A request id is {Length} bytes long; there is room for {destination.Length}.", nameof(destination));
        }
    }

    /// <summary>The system's randomness comes as UUIDs here: the framework's cryptography would load a library of 5 MiB for it.</summary>
    private static ulong[] Seed()
    {
        Span<Guid> random = [Guid.NewGuid(), Guid.NewGuid()];
        return MemoryMarshal.Cast<Guid, ulong>(random).ToArray(); // never all zeros, which would stay so: a UUID has its version
    }

    private static ulong Next(ulong[] s)
    {
        var result = ulong.RotateLeft(s[1] * 5, 7) * 9;
        var shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = ulong.RotateLeft(s[3], 45);
        return result;
    }
}
