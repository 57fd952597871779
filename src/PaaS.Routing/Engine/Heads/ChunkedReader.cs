using System.Diagnostics.CodeAnalysis;

namespace PaaS.Routing;

/// <summary>What <see cref="ChunkedReader.Next"/> found.</summary>
internal enum ChunkStep
{
    /// <summary>All that can be read was read.</summary>
    NeedMore,

    /// <summary>A piece of the body.</summary>
    Data,

    /// <summary>The end of the body, with its trailers.</summary>
    End,

    /// <summary>Not the chunked coding, or beyond a limit: nothing behind it may be read.</summary>
    Bad,
}

/// <summary>
/// Reads a chunked body (RFC 9112, 7.1) strictly: hexadecimal digits, CRLF and nothing else. Extensions are bounded and dropped. It may be fed
/// in pieces of any size, and tells the same body for all of them.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Reset gives the memory back.")]
internal sealed class ChunkedReader(HeadLimits limits)
{
    private const int MostDigits = 16;

    private readonly ByteBuffer _trailers = new();
    private State _state;
    private int _digits;
    private long _left;
    private int _extension;
    private int _extensions;

    /// <summary>Where the trailer line begins that is being read; what stands before it passes.</summary>
    private int _trailer;
    private int _trailerBytes;

    private enum State
    {
        Size,
        Extension,
        SizeEnd,
        Data,
        DataReturn,
        DataEnd,
        Trailer,
        TrailerEnd,
        End,
        Bad,
    }

    /// <summary>The trailer lines that pass, each with its CRLF, after <see cref="ChunkStep.End"/>. Fields that frame, route or authenticate never do.</summary>
    public ReadOnlySpan<byte> Trailers => _state == State.End ? _trailers.Written : default;

    /// <summary>Begins a new body.</summary>
    public void Reset()
    {
        _trailers.Dispose();
        _state = State.Size;
        _left = 0;
        (_digits, _extension, _extensions, _trailer, _trailerBytes) = (0, 0, 0, 0, 0);
    }

    /// <summary>Reads on. After the end, and after what is bad, it says the same again and takes nothing until <see cref="Reset"/>.</summary>
    /// <param name="input">The bytes behind those that were taken.</param>
    /// <param name="taken">How many were taken now: all, unless this is <see cref="ChunkStep.Data"/> or the end.</param>
    /// <param name="data">Where the piece stands in the input.</param>
    public ChunkStep Next(ReadOnlySpan<byte> input, out int taken, out Slice data)
    {
        data = default;
        taken = 0;
        while (taken < input.Length && _state < State.End)
        {
            if (_state == State.Data)
            {
                data = new Slice(taken, (int)Math.Min(_left, input.Length - taken));
                taken += data.Length;
                _left -= data.Length;
                _state = _left == 0 ? State.DataReturn : State.Data;
                return ChunkStep.Data;
            }

            _state = _state switch
            {
                State.Size => ReadSize(input[taken++]),
                State.Extension => ReadExtension(input, ref taken),
                State.SizeEnd => input[taken++] != '\n' ? State.Bad : _left == 0 ? State.Trailer : State.Data,
                State.DataReturn => input[taken++] == '\r' ? State.DataEnd : State.Bad,
                State.DataEnd => input[taken++] == '\n' ? BeginChunk() : State.Bad,
                State.Trailer => ReadTrailer(input, ref taken),
                _ => input[taken++] == '\n' ? EndTrailer() : State.Bad,
            };
        }

        return _state switch
        {
            State.End => ChunkStep.End,
            State.Bad => ChunkStep.Bad,
            _ => ChunkStep.NeedMore,
        };
    }

    private State BeginChunk()
    {
        (_digits, _extension) = (0, 0);
        return State.Size;
    }

    private State ReadSize(byte value)
    {
        var digit = value - '0';
        if ((uint)digit > 9)
        {
            digit = (value | 0x20) - 'a' + 10;
            if (digit is < 10 or > 15)
            {
                return _digits == 0 ? State.Bad : value == '\r' ? State.SizeEnd : value == ';' ? State.Extension : State.Bad;
            }
        }

        if (++_digits > MostDigits || _left > long.MaxValue >> 4)
        {
            return State.Bad;
        }

        _left = (_left << 4) | (uint)digit;
        return State.Size;
    }

    private State ReadExtension(ReadOnlySpan<byte> input, ref int taken)
    {
        var length = LengthOfText(input[taken..]);
        _extension += length;
        _extensions += length;
        taken += length;
        if (_extension > limits.ChunkExtension || _extensions > limits.ChunkExtensions)
        {
            return State.Bad;
        }

        return taken == input.Length ? State.Extension : input[taken++] == '\r' ? State.SizeEnd : State.Bad;
    }

    private State ReadTrailer(ReadOnlySpan<byte> input, ref int taken)
    {
        var length = LengthOfText(input[taken..]);
        _trailerBytes += length;
        if (_trailerBytes > limits.Trailers)
        {
            return State.Bad;
        }

        _trailers.Write(input.Slice(taken, length));
        taken += length;
        return taken == input.Length ? State.Trailer : input[taken++] == '\r' ? State.TrailerEnd : State.Bad;
    }

    private State EndTrailer()
    {
        var line = _trailers.Written[_trailer..];
        if (line.IsEmpty)
        {
            return State.End;
        }

        var name = FieldSyntax.TokenLength(line);
        if (name == 0 || name == line.Length || line[name] != ':' || name > limits.HeaderName)
        {
            return State.Bad;
        }

        _trailerBytes += 2;
        if (TrailerNames.MayPass(line[..name]))
        {
            _trailers.Write("\r\n"u8);
            _trailer = _trailers.Length;
        }
        else
        {
            _trailers.Truncate(_trailer);
        }

        return State.Trailer;
    }

    private static int LengthOfText(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
        return end < 0 ? text.Length : end;
    }
}
