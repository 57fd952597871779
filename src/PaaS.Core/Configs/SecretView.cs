namespace PaaS.Core;

/// <summary>What stands for other bytes in a text.</summary>
internal enum SecretEscape
{
    /// <summary><c>%2F</c>.</summary>
    Percent,

    /// <summary><c>%2F</c>, and <c>+</c> for a blank, as in forms.</summary>
    Form,

    /// <summary><c>\/</c>, <c>\n</c>, <c>\u00e9</c>: JSON, and what shells and most languages quote.</summary>
    Backslash,

    /// <summary>A colour within a word, as <c>grep</c> and highlighters set it; it stands for nothing.</summary>
    Colour,
}

/// <summary>
/// A text read as if its escapes were what they stand for. It begins at the first escape, with what the plain text has come to, and
/// knows for each byte where that began in the text itself.
/// </summary>
internal sealed class SecretView(SecretAutomaton automaton, SecretEscape kind, Action<long, long> found)
{
    private const int LongestEscape = 32;
    private const byte Escape = 0x1b;
    private readonly byte[] _escape = new byte[LongestEscape];
    private int _escapeLength;
    private long _escapeStart;
    private int _state;

    /// <summary>Where the bytes of the state began, oldest first; a ring.</summary>
    private long[] _starts = new long[64];
    private int _first;
    private int _count;

    public byte Lead { get; } = kind switch { SecretEscape.Backslash => (byte)'\\', SecretEscape.Colour => Escape, _ => (byte)'%' };

    public bool IsActive { get; private set; }

    /// <summary>Whether it has nothing of its own any more, if the plain text is in this state.</summary>
    public bool IsIdle(int plainState) => _state == 0 && plainState == 0 && _escapeLength == 0;

    /// <summary>Whether a byte makes it differ from the plain text.</summary>
    public bool Begins(byte value) => value == Lead || (kind == SecretEscape.Form && value == '+');

    /// <summary>The first byte that may yet belong to a secret; <paramref name="next"/> if all are decided.</summary>
    public long Undecided(long next) => _count > 0 ? _starts[_first] : _escapeLength > 0 ? _escapeStart : next;

    public void Activate(int plainState, long position)
    {
        (IsActive, _state, _first, _count) = (true, plainState, 0, 0);
        var depth = automaton.Depth(plainState);
        for (var start = position - depth; start < position; start++)
        {
            Push(start);
        }
    }

    public void Deactivate() => (IsActive, _state, _count, _escapeLength) = (false, 0, 0, 0);

    public void Step(byte value, long position)
    {
        if (_escapeLength == 0)
        {
            if (value != Lead)
            {
                Feed(kind == SecretEscape.Form && value == '+' ? (byte)' ' : value, position, position + 1);
                return;
            }

            _escapeStart = position;
        }

        _escape[_escapeLength++] = value;
        switch (kind)
        {
            case SecretEscape.Backslash:
                Backslash(position + 1);
                break;
            case SecretEscape.Colour:
                Colour();
                break;
            default:
                Percent(position + 1);
                break;
        }
    }

    /// <summary>No byte comes any more that an escape could go on with.</summary>
    public void End()
    {
        while (_escapeLength > 0)
        {
            TakeLiterally();
        }
    }

    private void Percent(long end)
    {
        if (_escapeLength > 1 && !char.IsAsciiHexDigit((char)_escape[_escapeLength - 1]))
        {
            TakeLiterally();
        }
        else if (_escapeLength == 3)
        {
            Take([(byte)Hex(1, 2)], end);
        }
    }

    private void Backslash(long end)
    {
        var last = (char)_escape[_escapeLength - 1];
        switch (_escapeLength)
        {
            case 1:
            case 2 when last == 'u':
            case 7 when last == '\\':
            case 8 when last == 'u':
                break;
            case 2 when last is 'n' or 'r' or 't' or 'b' or 'f':
                Take([last switch { 'n' => (byte)'\n', 'r' => (byte)'\r', 't' => (byte)'\t', 'b' => (byte)'\b', _ => (byte)'\f' }], end);
                break;
            case 2 when last < 0x80 && !char.IsAsciiLetterOrDigit(last):
                Take([(byte)last], end);
                break;
            case 6 when char.IsAsciiHexDigit(last):
                if (!char.IsHighSurrogate((char)Hex(2, 4)))
                {
                    TakeCharacters([(char)Hex(2, 4)], end);
                }

                break;
            case 12 when char.IsAsciiHexDigit(last):
                TakeCharacters([(char)Hex(2, 4), (char)Hex(8, 4)], end);
                break;
            case (> 2 and < 6 or > 8) when char.IsAsciiHexDigit(last):
                break;
            default:
                TakeLiterally();
                break;
        }
    }

    private void Colour()
    {
        var last = _escape[_escapeLength - 1];
        if (_escapeLength > 2 && last == 'm')
        {
            _escapeLength = 0;
        }
        else if (_escapeLength == LongestEscape || (_escapeLength == 2 && last != '[') || (_escapeLength > 2 && !char.IsAsciiDigit((char)last) && last is not ((byte)';' or (byte)':')))
        {
            TakeLiterally();
        }
    }

    private int Hex(int at, int digits)
    {
        var value = 0;
        foreach (var digit in _escape.AsSpan(at, digits))
        {
            value = (value * 16) + (digit & 0xf) + (digit > '9' ? 9 : 0);
        }

        return value;
    }

    private void TakeCharacters(ReadOnlySpan<char> characters, long end)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (System.Text.Unicode.Utf8.FromUtf16(characters, bytes, out _, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
        {
            Take(bytes[..written], end);
        }
        else
        {
            TakeLiterally();
        }
    }

    private void Take(ReadOnlySpan<byte> meaning, long end)
    {
        _escapeLength = 0;
        foreach (var value in meaning)
        {
            Feed(value, _escapeStart, end);
        }
    }

    /// <summary>It was no escape: its first byte stands for itself, and another escape may begin behind that.</summary>
    private void TakeLiterally()
    {
        Span<byte> bytes = stackalloc byte[LongestEscape];
        bytes = bytes[.._escapeLength];
        _escape.AsSpan(0, _escapeLength).CopyTo(bytes);
        var start = _escapeStart;
        _escapeLength = 0;
        Feed(bytes[0], start, start + 1);
        for (var i = 1; i < bytes.Length; i++)
        {
            Step(bytes[i], start + i);
        }
    }

    private void Feed(byte value, long start, long end)
    {
        _state = automaton.Next(_state, value);
        Push(start);
        for (var depth = automaton.Depth(_state); _count > depth; _count--)
        {
            _first = (_first + 1) & (_starts.Length - 1);
        }

        if (automaton.MatchLength(_state) is > 0 and var length)
        {
            found(_starts[(_first + _count - length) & (_starts.Length - 1)], end);
        }
    }

    private void Push(long start)
    {
        if (_count == _starts.Length)
        {
            var larger = new long[_starts.Length * 2];
            for (var i = 0; i < _count; i++)
            {
                larger[i] = _starts[(_first + i) & (_starts.Length - 1)];
            }

            (_starts, _first) = (larger, 0);
        }

        _starts[(_first + _count++) & (_starts.Length - 1)] = start;
    }
}
