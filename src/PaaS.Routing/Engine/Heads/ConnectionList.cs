namespace PaaS.Routing;

/// <summary>What the Connection lines of a head say.</summary>
internal struct ConnectionList
{
    /// <summary>More names than anybody nominates. Each is compared with each header, so there must be a bound.</summary>
    private const int MostNominated = 64;

    private Slice[]? _nominated;
    private int _count;

    public bool Close { get; private set; }

    public bool KeepAlive { get; private set; }

    public bool Upgrade { get; private set; }

    /// <summary>Whether any header is nominated, and so does not pass.</summary>
    public readonly bool Nominates => _count > 0;

    /// <summary>Reads a line's value.</summary>
    /// <returns>False: it nominates too many headers.</returns>
    public bool Read(ReadOnlySpan<byte> input, Slice value)
    {
        var whole = value.Of(input);
        if (FieldNames.Is(whole, "keep-alive"u8))
        {
            KeepAlive = true;
            return true;
        }

        var elements = new ListElements(input, value);
        while (elements.MoveNext())
        {
            var element = elements.Current.Of(input);
            if (FieldNames.Is(element, "keep-alive"u8))
            {
                KeepAlive = true;
            }
            else if (FieldNames.Is(element, "close"u8))
            {
                Close = true;
            }
            else if (FieldNames.Is(element, "upgrade"u8))
            {
                Upgrade = true;
            }
            else if (FieldSyntax.IsToken(element) && FieldNames.IsNominable(element))
            {
                if (_count == MostNominated)
                {
                    return false;
                }

                _nominated ??= new Slice[MostNominated];
                _nominated[_count++] = elements.Current;
            }
        }

        return true;
    }

    public readonly bool Names(ReadOnlySpan<byte> input, ReadOnlySpan<byte> name)
    {
        foreach (var nominated in _nominated.AsSpan(0, _count))
        {
            if (nominated.Length == name.Length && FieldNames.Is(nominated.Of(input), name))
            {
                return true;
            }
        }

        return false;
    }

    public void Reset()
    {
        _nominated = null;
        _count = 0;
        (Close, KeepAlive, Upgrade) = (false, false, false);
    }
}
