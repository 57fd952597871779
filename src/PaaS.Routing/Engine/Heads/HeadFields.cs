namespace PaaS.Routing;

/// <summary>A header line that means something to the router.</summary>
/// <param name="Kind">What.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The first byte behind its CRLF.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Field(FieldKind Kind, int Start, int End, Slice Value);

/// <summary>
/// The lines of a head that mean something to the router, in order. What stands between them passes as it is, in bulk. The table is kept for
/// the next head, unless it grew large.
/// </summary>
internal struct HeadFields
{
    private const int FirstSize = 8;
    private const int KeptSize = 64;

    private Field[]? _fields;
    private int _count;

    /// <summary>What the Connection lines say; not readonly, for it is filled in place.</summary>
    public ConnectionList Connection;

    public readonly ReadOnlySpan<Field> All => _fields.AsSpan(0, _count);

    public void Add(in Field field)
    {
        if (_fields is null || _count == _fields.Length)
        {
            Array.Resize(ref _fields, _fields is null ? FirstSize : _count * 2);
        }

        _fields[_count++] = field;
    }

    public void Reset()
    {
        if (_count > KeptSize)
        {
            _fields = null;
        }

        _count = 0;
        Connection.Reset();
    }

    /// <summary>Writes what passes of the lines: all but the fields whose kind is not in <paramref name="kept"/>, and but the nominated ones.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="input">What the head was read from.</param>
    /// <param name="from">Where to begin: at the first header line or before.</param>
    /// <param name="lines">The first header line.</param>
    /// <param name="end">The end of the last one.</param>
    /// <param name="kept">A bit for each kind that passes.</param>
    public readonly void WritePassing(ref SpanWriter output, ReadOnlySpan<byte> input, int from, int lines, int end, uint kept)
    {
        if (Connection.Nominates)
        {
            output.Write(input[from..lines]);
            var passing = new PassingFields(input, this, lines, end, kept);
            while (passing.MoveNext())
            {
                output.Write(input[passing.Start..passing.End]);
            }

            return;
        }

        foreach (ref readonly var field in All)
        {
            if ((kept & (1u << (int)field.Kind)) == 0)
            {
                output.Write(input[from..field.Start]);
                from = field.End;
            }
        }

        output.Write(input[from..end]);
    }

    /// <summary>Writes the values of a kind as one list, and an element behind them. Empty values are left out.</summary>
    public readonly void WriteList(ref SpanWriter output, ReadOnlySpan<byte> input, FieldKind kind, ReadOnlySpan<byte> last)
    {
        foreach (ref readonly var field in All)
        {
            if (field.Kind == kind && !field.Value.IsEmpty)
            {
                output.Write(field.Value.Of(input));
                output.Write(", "u8);
            }
        }

        output.Write(last);
    }
}

/// <summary>Walks over the lines of a head that pass.</summary>
internal ref struct PassingFields
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly HeadFields _fields;
    private readonly int _end;
    private readonly uint _kept;
    private int _field;

    /// <param name="input">What the head was read from.</param>
    /// <param name="fields">The fields in it.</param>
    /// <param name="lines">The first header line.</param>
    /// <param name="end">The end of the last one.</param>
    /// <param name="kept">A bit for each kind that passes.</param>
    public PassingFields(ReadOnlySpan<byte> input, HeadFields fields, int lines, int end, uint kept)
    {
        _input = input;
        _fields = fields;
        _end = end;
        _kept = kept;
        End = lines;
    }

    /// <summary>The first byte of the line.</summary>
    public int Start { get; private set; }

    /// <summary>The first byte behind it.</summary>
    public int End { get; private set; }

    public Slice Name { get; private set; }

    public readonly Slice Value => FieldSyntax.Trimmed(_input, Name.Start + Name.Length + 1, End - 2);

    public bool MoveNext()
    {
        while (End < _end)
        {
            Start = End;
            var rest = _input[Start.._end];
            End = Start + rest.IndexOf((byte)'\n') + 1;
            Name = new Slice(Start, rest.IndexOf((byte)':'));
            var kind = FieldKind.Plain;
            if (_field < _fields.All.Length && _fields.All[_field].Start == Start)
            {
                kind = _fields.All[_field++].Kind;
            }

            if ((kind == FieldKind.Plain || (_kept & (1u << (int)kind)) != 0) && !(_fields.Connection.Nominates && _fields.Connection.Names(_input, Name.Of(_input))))
            {
                return true;
            }
        }

        return false;
    }
}
