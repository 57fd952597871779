using System.Buffers;

namespace PaaS.Routing;

/// <summary>The syntax of header lines (RFC 9110, 5). Values are bytes, never text.</summary>
internal static class FieldSyntax
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    /// <summary>The length of the name at the beginning of a header line, behind which its colon stands; 0 if the line does not begin so.</summary>
    public static int NameLength(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAnyExcept(TokenBytes);
        return end > 0 && line[end] == ':' ? end : 0;
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
            if ((uint)number > 9 || length > (long.MaxValue - number) / 10)
            {
                return false;
            }

            length = length * 10 + number;
        }

        return !value.IsEmpty;
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
