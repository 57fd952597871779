using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PaaS.Routing;

/// <summary>The syntax of header lines (RFC 9110, 5). Values are bytes, never text.</summary>
internal static class FieldSyntax
{
    private const long Tenth = long.MaxValue / 10;

    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>For each lower half of a byte, the upper halves with which it is a token's.</summary>
    private static readonly Vector128<byte> TokenEntries = Entries();

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <summary>How many bytes of a token stand at the beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TokenLength(ReadOnlySpan<byte> text)
    {
        if (text.Length >= Vector128<byte>.Count)
        {
            // A byte is of a token if the bit of its upper half is set in the entry of its lower half: 16 bytes in a few instructions.
            var bytes = Vector128.Create(text);
            var entries = Vector128.ShuffleNative(TokenEntries, bytes & Vector128.Create((byte)0x0F));
            var bits = Vector128.ShuffleNative(Vector128.Create(1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, (byte)0), bytes >>> 4);
            var others = Vector128.Equals(entries & bits, Vector128<byte>.Zero).ExtractMostSignificantBits();
            if (others != 0)
            {
                return BitOperations.TrailingZeroCount(others);
            }
        }

        return LongTokenLength(text);
    }

    /// <summary>The length of the name at the beginning of a header line, behind which its colon stands; 0 if the line does not begin so.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="line">The line, without the CRLF that stands behind it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NameLength(ReadOnlySpan<byte> input, Slice line)
    {
        // The CR is no token's byte: nothing behind it is taken for the name.
        var length = TokenLength(input[line.Start..]);
        return input[line.Start + length] == ':' ? length : 0;
    }

    /// <summary>A stretch without the blanks around it.</summary>
    public static Slice Trimmed(ReadOnlySpan<byte> input, int start, int end)
    {
        while (start < end && input[start] is (byte)' ' or (byte)'\t')
        {
            start++;
        }

        while (start < end && input[end - 1] is (byte)' ' or (byte)'\t')
        {
            end--;
        }

        return new Slice(start, end - start);
    }

    /// <summary>Reads a Content-Length: digits only, at most 63 bits.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        foreach (var digit in value)
        {
            var number = digit - '0';
            if ((uint)number > 9 || length >= Tenth && (length > Tenth || number > long.MaxValue % 10))
            {
                return false;
            }

            length = length * 10 + number;
        }

        return !value.IsEmpty;
    }

    private static int LongTokenLength(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(TokenBytes);
        return end < 0 ? text.Length : end;
    }

    private static Vector128<byte> Entries()
    {
        Span<byte> entries = stackalloc byte[Vector128<byte>.Count];
        for (var value = 0; value < 128; value++)
        {
            if (TokenBytes.Contains((byte)value))
            {
                entries[value & 0x0F] |= (byte)(1 << (value >> 4));
            }
        }

        return Vector128.Create(entries);
    }
}

/// <summary>The elements of a comma-separated list, without the blanks around them; empty ones are left out.</summary>
internal ref struct ListElements(ReadOnlySpan<byte> input, Slice list)
{
    private readonly ReadOnlySpan<byte> _input = input;
    private readonly int _end = list.Start + list.Length;
    private int _next = list.Start;

    public Slice Current { get; private set; }

    public bool MoveNext()
    {
        while (_next < _end)
        {
            var comma = _input[_next.._end].IndexOf((byte)',');
            var end = comma < 0 ? _end : _next + comma;
            Current = FieldSyntax.Trimmed(_input, _next, end);
            _next = end + 1;
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }
}
