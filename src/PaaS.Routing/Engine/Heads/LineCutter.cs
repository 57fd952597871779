using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PaaS.Routing;

/// <summary>What came of an attempt to cut a line off.</summary>
internal enum LineCut
{
    /// <summary>Its end is not there yet.</summary>
    NeedMore,

    /// <summary>A line, perhaps an empty one.</summary>
    Line,

    /// <summary>There are more bytes than a line may have, and no end among them.</summary>
    TooLong,

    /// <summary>A NUL, a CR without its LF, or an LF without its CR.</summary>
    Malformed,
}

/// <summary>
/// Cuts bytes into lines that end in CRLF. It remembers how far it has looked, so that a sender of single bytes costs no more than one of large
/// pieces, and what it found, so that each byte is looked at once, many at a time. How the bytes were cut into pieces can't change what it says.
/// </summary>
internal struct LineCutter
{
    private int _start;
    private int _searched;

    /// <summary>The CRs, LFs and NULs among the bytes that were searched and are not cut off yet: a bit for each of 64 bytes from <see cref="_block"/> on.</summary>
    private ulong _stops;
    private int _block;

    /// <summary>Where the line begins that is cut off next.</summary>
    public readonly int Start => _start;

    /// <summary>Cuts the next line off.</summary>
    /// <param name="input">All bytes from the first on; those that were there before, unchanged.</param>
    /// <param name="limit">How many bytes the line may have, without its end.</param>
    /// <param name="line">The line, without its end.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LineCut Next(ReadOnlySpan<byte> input, int limit, out Slice line)
    {
        line = default;
        while (_stops == 0)
        {
            if (_searched == input.Length)
            {
                return _searched - _start > limit ? LineCut.TooLong : LineCut.NeedMore;
            }

            var at = _searched;
            _block = at;
            _stops = Stops(input, ref at);
            _searched = at;
        }

        var end = _block + BitOperations.TrailingZeroCount(_stops);
        if (end - _start > limit)
        {
            return LineCut.TooLong;
        }

        if (input[end] != '\r')
        {
            return LineCut.Malformed;
        }

        if (end + 1 == input.Length)
        {
            _searched = end;
            _stops = 0;
            return LineCut.NeedMore;
        }

        if (input[end + 1] != '\n')
        {
            return LineCut.Malformed;
        }

        line = new Slice(_start, end - _start);
        _start = end + 2;
        _stops &= _stops - 1;
        if (_start > _searched)
        {
            _searched = _start;
        }
        else
        {
            _stops &= _stops - 1;
        }

        return LineCut.Line;
    }

    /// <summary>Searches the next bytes, at least one and at most 64.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="at">Where to begin; then, how far was searched.</param>
    /// <returns>A bit for each CR, LF and NUL.</returns>
    private static ulong Stops(ReadOnlySpan<byte> input, ref int at)
    {
        var rest = input[at..];
        if (rest.Length >= 64)
        {
            at += 64;
            return Stops(Vector256.Create(rest)) | (ulong)Stops(Vector256.Create(rest[32..])) << 32;
        }

        if (rest.Length >= 32)
        {
            at += 32;
            return Stops(Vector256.Create(rest));
        }

        if (input.Length >= 32)
        {
            // The last 32 bytes: those that were searched before are shifted out.
            at = input.Length;
            return Stops(Vector256.Create(input[^32..])) >> (32 - rest.Length);
        }

        ulong stops = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            stops |= rest[i] is (byte)'\r' or (byte)'\n' or 0 ? 1UL << i : 0;
        }

        at = input.Length;
        return stops;
    }

    private static uint Stops(Vector256<byte> bytes) =>
        (Vector256.Equals(bytes, Vector256.Create((byte)'\r')) | Vector256.Equals(bytes, Vector256.Create((byte)'\n')) | Vector256.Equals(bytes, Vector256<byte>.Zero)).ExtractMostSignificantBits();
}
