using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

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

    private static ulong[] Seed()
    {
        var state = new ulong[4];
        do
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(state.AsSpan()));
        }
        while (!state.AsSpan().ContainsAnyExcept(0UL)); // all zeros would stay so

        return state;
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
