namespace PaaS.Routing;

/// <summary>
/// The head of a dyno's response: reads it from bytes, holds where its parts stand, and writes it anew for the client. It is kept by its connection
/// and used for one response after the other; nothing is allocated per response.
/// </summary>
internal sealed partial class ResponseHead
{
    private const int VersionLength = 9;

    private LineCutter _lines;
    private HeadFields _fields;
    private bool _isOver;

    /// <summary>The first byte of the first header line; 0 before the status line was read.</summary>
    private int _headers;
    private int _headerCount;
    private int _lengthCount;
    private long _length;
    private int _codingCount;
    private bool _isChunked;
    private int _upgradeCount;
    private bool _hasDate;

    /// <summary>
    /// Reads a head. It goes on where it stopped, if it said <see cref="ReadResult.NeedMore"/> before: the bytes from then must still stand at the
    /// beginning. After anything else it begins anew by itself.
    /// </summary>
    /// <param name="input">All bytes since the end of the message before.</param>
    /// <param name="limits">The limits.</param>
    public ReadResult Read(ReadOnlySpan<byte> input, HeadLimits limits)
    {
        if (_isOver)
        {
            Reset();
        }

        input = input[..Math.Min(input.Length, limits.ResponseHead)];
        var lines = _lines;
        while (true)
        {
            var isStatusLine = _headers == 0;
            var cut = lines.Next(input, isStatusLine ? limits.StatusLine : limits.ResponseHeaderLine, out var line);
            if (cut != LineCut.Line)
            {
                _lines = lines;
                return Stop(cut, isStatusLine, isCookie: IsCookie(input[lines.Start..]), mayCome: input.Length < limits.ResponseHead);
            }

            RouterError? error;
            if (isStatusLine)
            {
                error = ReadStatusLine(input, line);
                _headers = lines.Start;
            }
            else if (!line.IsEmpty)
            {
                var name = FieldSyntax.NameLength(input, line);
                if (++_headerCount > limits.ResponseHeaderCount || name == 0)
                {
                    return Refuse(name == 0 ? RouterError.PoorlyFormattedResponse : RouterError.OversizedHeader);
                }

                var kind = FieldNames.OfResponse(input.Slice(line.Start, name));
                if (kind == FieldKind.Plain)
                {
                    continue;
                }

                error = ReadField(input, line, kind, name, limits);
            }
            else
            {
                error = Finish();
                if (error is null)
                {
                    Length = lines.Start;
                    _isOver = true;
                    return ReadResult.Done;
                }
            }

            if (error is not null)
            {
                return Refuse(error);
            }
        }
    }

    /// <summary>Forgets a head that was begun: the next <see cref="Read"/> begins anew. Needed only after <see cref="ReadResult.NeedMore"/>.</summary>
    public void Reset()
    {
        _lines = default;
        _fields.Reset();
        _isOver = false;
        (_headers, _headerCount, _lengthCount, _length, _codingCount, _upgradeCount) = (0, 0, 0, 0, 0, 0);
        (_isChunked, _hasDate, IsHttp10, KeepAlive) = (false, false, false, false);
        Error = null;
        (Length, Status, Reason, Upgrade) = (0, 0, default, default);
        Body = default;
        KeepAliveSeconds = null;
    }

    /// <summary>Why, after <see cref="ReadResult.Refused"/>: H17 or one of H25.</summary>
    public RouterError? Error { get; private set; }

    /// <summary>All its bytes, with the empty line at its end.</summary>
    public int Length { get; private set; }

    public int Status { get; private set; }

    /// <summary>The reason phrase; may be empty.</summary>
    public Slice Reason { get; private set; }

    public bool IsHttp10 { get; private set; }

    /// <summary>The body as the head frames it, without regard to method and status (HEAD, 1xx, 204 and 304 have none).</summary>
    public BodyFraming Body { get; private set; }

    /// <summary>Whether the connection may be used again, as far as the head tells: HTTP/1.1, no <c>Connection: close</c>, no framing doubt.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Seconds of <c>Keep-Alive: timeout=N</c>; null if there is none.</summary>
    public int? KeepAliveSeconds { get; private set; }

    /// <summary>The value of Upgrade, for a 101.</summary>
    public Slice Upgrade { get; private set; }

    private ReadResult Refuse(RouterError error)
    {
        Error = error;
        _isOver = true;
        return ReadResult.Refused;
    }

    /// <summary>There is no further line.</summary>
    private ReadResult Stop(LineCut cut, bool isStatusLine, bool isCookie, bool mayCome) => cut switch
    {
        LineCut.NeedMore when mayCome => ReadResult.NeedMore,
        LineCut.Malformed => Refuse(RouterError.PoorlyFormattedResponse),
        _ when isStatusLine => Refuse(RouterError.OversizedStatusLine),
        LineCut.TooLong when isCookie => Refuse(RouterError.OversizedCookie),
        _ => Refuse(RouterError.OversizedHeader),
    };

    /// <summary>Reads version and status. The phrase may be empty, and the blank before it may be missing, as with servers that say nothing there.</summary>
    private RouterError? ReadStatusLine(ReadOnlySpan<byte> input, Slice line)
    {
        var text = line.Of(input);
        if (text.Length < VersionLength + 3 || (text.Length > VersionLength + 3 && text[VersionLength + 3] != ' '))
        {
            return RouterError.PoorlyFormattedResponse;
        }

        IsHttp10 = text.StartsWith("HTTP/1.0 "u8);
        var code = text.Slice(VersionLength, 3);
        if ((!IsHttp10 && !text.StartsWith("HTTP/1.1 "u8)) || code.ContainsAnyExceptInRange((byte)'0', (byte)'9') || code[0] == '0')
        {
            return RouterError.PoorlyFormattedResponse;
        }

        Status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
        var reason = Math.Min(VersionLength + 4, text.Length);
        Reason = new Slice(line.Start + reason, text.Length - reason);
        return null;
    }

    private RouterError? ReadField(ReadOnlySpan<byte> input, Slice line, FieldKind kind, int name, HeadLimits limits)
    {
        switch (kind)
        {
            case FieldKind.SetCookie:
                return line.Length > limits.ResponseCookieLine ? RouterError.OversizedCookie : null;
            case FieldKind.Date:
                _hasDate = true;
                return null;
        }

        var value = FieldSyntax.Trimmed(input, line.Start + name + 1, line.Start + line.Length);
        _fields.Add(new Field(kind, line.Start, line.Start + line.Length + 2, value));
        switch (kind)
        {
            case FieldKind.Connection:
                return _fields.Connection.Read(input, value) ? null : RouterError.PoorlyFormattedResponse;
            case FieldKind.ContentLength:
                return ReadContentLength(value.Of(input));
            case FieldKind.TransferEncoding:
                return ReadTransferEncoding(value.Of(input));
            case FieldKind.KeepAlive:
                ReadKeepAlive(input, value);
                break;
            case FieldKind.Upgrade:
                Upgrade = value;
                _upgradeCount++;
                break;
        }

        return null;
    }

    private RouterError? Finish()
    {
        if (Status == 101 && _upgradeCount > 1)
        {
            return RouterError.PoorlyFormattedResponse;
        }

        Body = _isChunked ? new BodyFraming(BodyKind.Chunked) : _lengthCount > 0 ? new BodyFraming(BodyKind.Length, _length) : new BodyFraming(BodyKind.UntilClose);
        KeepAlive = !IsHttp10 && !_fields.Connection.Close && (_codingCount == 0 || (_isChunked && _lengthCount == 0));
        return null;
    }

    private RouterError? ReadContentLength(ReadOnlySpan<byte> value)
    {
        if (!FieldSyntax.TryReadLength(value, out var length) || (_lengthCount > 0 && length != _length))
        {
            return RouterError.InvalidContentLength;
        }

        _length = length;
        _lengthCount++;
        return null;
    }

    /// <summary>One <c>chunked</c>, or the retired <c>identity</c>, which says nothing; the body of any other coding could not be told from the chunks around it.</summary>
    private RouterError? ReadTransferEncoding(ReadOnlySpan<byte> value)
    {
        _isChunked = FieldNames.Is(value, "chunked"u8);
        return ++_codingCount == 1 && (_isChunked || FieldNames.Is(value, "identity"u8)) ? null : RouterError.PoorlyFormattedResponse;
    }

    private void ReadKeepAlive(ReadOnlySpan<byte> input, Slice value)
    {
        var elements = new ListElements(input, value);
        while (elements.MoveNext())
        {
            var element = elements.Current.Of(input);
            if (element.Length > 8 && FieldNames.Is(element[..8], "timeout="u8) && FieldSyntax.TryReadLength(element[8..], out var seconds))
            {
                KeepAliveSeconds = (int)Math.Min(seconds, int.MaxValue);
            }
        }
    }

    private static bool IsCookie(ReadOnlySpan<byte> line) => line.Length > 11 && line[10] == ':' && FieldNames.OfResponse(line[..10]) == FieldKind.SetCookie;
}
