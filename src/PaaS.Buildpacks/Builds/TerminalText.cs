using System.Buffers;
using System.Runtime.InteropServices;

namespace PaaS.Buildpacks;

/// <summary>
/// One line of a program's output as a terminal would come to show it, from bytes that come in pieces. Colours stay as they are; what stood
/// before a carriage return (progress bars) is overwritten by what follows; a backspace takes a character away. Everything else that
/// steers a terminal (other escape sequences, NUL, bells) is left out, for a line is also stored, and shown by git behind <c>remote: </c>.
/// Bytes that are not UTF-8 stay as they are.
/// </summary>
internal sealed class TerminalText
{
    /// <summary>How long an escape sequence may be; of a longer one only the beginning is left out.</summary>
    private const int LongestSequence = 4096;

    /// <summary>The longest sequence that sets a colour and is kept.</summary>
    private const int LongestColour = 30;
    private const byte Escape = 0x1b;
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(static b => b != '\t').Select(static b => (byte)b), 0x7f]);
    private readonly List<byte> _sequence = [];

    /// <summary>Colours that were set at the line's beginning, when it is not known yet whether anything overwrites what stands there.</summary>
    private readonly List<byte> _ahead = [];
    private byte[] _line = new byte[256];
    private int _count;

    /// <summary>Up to where a backspace may take characters away.</summary>
    private int _floor;

    /// <summary>Whether the cursor stands at the line's beginning, and the next character overwrites it.</summary>
    private bool _isOverwritten;

    /// <summary>What the line holds now, without what was taken.</summary>
    public ReadOnlySpan<byte> Line => _line.AsSpan(0, _count);

    /// <summary>Whether this line overwrites itself, as progress bars do.</summary>
    public bool IsProgress { get; private set; }

    /// <summary>Whether the line that was taken from before is being overwritten; asked once.</summary>
    public bool HasBegunAnew { get; set; }

    /// <summary>Reads up to the end of the line.</summary>
    /// <param name="text">What came.</param>
    /// <param name="most">The most bytes the line may hold.</param>
    /// <param name="ended">Whether the line break was reached.</param>
    /// <returns>How many bytes were read: all, or less if the line ended or is full.</returns>
    public int Read(ReadOnlySpan<byte> text, int most, out bool ended)
    {
        var read = 0;
        ended = false;
        while (read < text.Length && _count < most)
        {
            if (_sequence.Count > 0 && Continue(text[read]))
            {
                read++;
                continue;
            }

            var run = text[read..Math.Min(text.Length, read + most - _count)].IndexOfAny(Controls);
            run = run < 0 ? Math.Min(text.Length - read, most - _count) : run;
            if (run > 0)
            {
                BeginAnewIfOverwritten();
                Add(text.Slice(read, run));
                read += run;
            }
            else
            {
                var control = text[read++];
                if (control == '\n')
                {
                    Add(CollectionsMarshal.AsSpan(_ahead));
                    _ahead.Clear();
                    ended = true;
                    return read;
                }

                Control(control);
            }
        }

        return read;
    }

    /// <summary>The line's content is taken; what comes goes on behind it.</summary>
    public void Take()
    {
        (_count, _floor) = (0, 0);
    }

    /// <summary>The line is over.</summary>
    public void End()
    {
        Take();
        (_isOverwritten, IsProgress, HasBegunAnew) = (false, false, false);
        _sequence.Clear();
        _ahead.Clear();
    }

    private void Control(byte control)
    {
        switch (control)
        {
            case (byte)'\r':
                _isOverwritten = true;
                break;
            case (byte)'\b':
                Back();
                break;
            case Escape:
                _sequence.Add(control);
                break;
            default:
                break;
        }
    }

    private void BeginAnewIfOverwritten()
    {
        if (_isOverwritten)
        {
            Take();
            Add(CollectionsMarshal.AsSpan(_ahead));
            _ahead.Clear();
            (_isOverwritten, IsProgress, HasBegunAnew, _floor) = (false, true, true, _count);
        }
    }

    private void Back()
    {
        var count = _count;
        while (count > _floor && (_line[count - 1] & 0xc0) == 0x80)
        {
            count--;
        }

        if (count > _floor)
        {
            (_count, IsProgress) = (count - 1, true);
        }
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        if (_count + text.Length > _line.Length)
        {
            Array.Resize(ref _line, Math.Max(_line.Length * 2, _count + text.Length));
        }

        text.CopyTo(_line.AsSpan(_count));
        _count += text.Length;
    }

    /// <summary>Goes on with an escape sequence; false if the byte does not belong to it.</summary>
    private bool Continue(byte value)
    {
        var isString = _sequence.Count > 1 && _sequence[1] is (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_';
        if (_sequence.Count == LongestSequence || value == '\n' || (!isString && value < 0x20) || value == Escape)
        {
            // A string may end in ESC and a backslash; that is then a sequence of its own. All others are broken off.
            _sequence.Clear();
            return false;
        }

        _sequence.Add(value);
        var ends = _sequence.Count > 1 && (isString, _sequence[1]) switch
        {
            (true, _) => value == 7,
            (_, (byte)'[') => _sequence.Count > 2 && value is >= 0x40 and <= 0x7e,
            (_, (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_') => false,
            _ => value is >= 0x30 or < 0x20,
        };
        if (ends)
        {
            Finish(value);
        }

        return true;
    }

    private void Finish(byte final)
    {
        var parameters = _sequence.Count > 3 && _sequence[1] == '[' ? _sequence[2..^1] : [];
        if (_sequence[1] == '[' && final == 'm' && _sequence.Count <= LongestColour && parameters.TrueForAll(static p => p is >= (byte)'0' and <= (byte)'9' or (byte)';' or (byte)':'))
        {
            if (!_isOverwritten)
            {
                Add(CollectionsMarshal.AsSpan(_sequence));
                _floor = _count;
            }
            else if (_ahead.Count < LongestSequence)
            {
                _ahead.AddRange(_sequence);
            }
        }
        else if (_sequence[1] == '[' && ((final == 'G' && parameters is [] or [(byte)'0' or (byte)'1']) || (final == 'K' && parameters is [(byte)'1' or (byte)'2'])))
        {
            // Back to the first column, or the line erased: what tools write beside or in place of a carriage return.
            _isOverwritten = _count > 0 || _isOverwritten;
        }

        _sequence.Clear();
    }
}
