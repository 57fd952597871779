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
/// pieces, and it never looks behind a limit: how the bytes were cut into pieces can't change what it says.
/// </summary>
internal struct LineCutter
{
    private int _start;
    private int _searched;

    /// <summary>Where the line begins that is cut off next.</summary>
    public readonly int Start => _start;

    /// <summary>Cuts the next line off.</summary>
    /// <param name="input">All bytes from the first on; those that were there before, unchanged.</param>
    /// <param name="limit">How many bytes the line may have, without its end.</param>
    /// <param name="line">The line, without its end.</param>
    public LineCut Next(ReadOnlySpan<byte> input, int limit, out Slice line)
    {
        line = default;
        var window = input[_searched..Math.Min(input.Length, _start + limit + 1)];
        var found = window.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
        if (found < 0)
        {
            _searched += window.Length;
            return _searched - _start > limit ? LineCut.TooLong : LineCut.NeedMore;
        }

        var end = _searched + found;
        if (input[end] != '\r')
        {
            return LineCut.Malformed;
        }

        if (end + 1 >= input.Length)
        {
            _searched = end;
            return LineCut.NeedMore;
        }

        if (input[end + 1] != '\n')
        {
            return LineCut.Malformed;
        }

        line = new Slice(_start, end - _start);
        _start = _searched = end + 2;
        return LineCut.Line;
    }
}
