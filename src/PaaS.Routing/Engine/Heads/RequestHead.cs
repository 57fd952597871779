namespace PaaS.Routing;

/// <summary>
/// The head of a request: reads it from bytes, holds where its parts stand, and writes it anew for a dyno. It is kept by its
/// connection and used for one request after the other; nothing is allocated per request.
/// </summary>
internal sealed partial class RequestHead
{
    private const int MostEmptyLines = 5;

    private LineCutter _lines;
    private HeadFields _fields;
    private RequestTarget _target;
    private bool _isOver;
    private int _emptyLines;

    /// <summary>The first byte of the first header line; 0 before the request line was read.</summary>
    private int _headers;
    private int _headerCount;
    private int _hostCount;
    private int _lengthCount;
    private long _length;
    private bool _isChunked;
    private int _upgradeCount;
    private int _requestIdCount;
    private int _traceParentCount;
    private bool _acceptsHtml;
    private bool _acceptsJson;

    /// <summary>
    /// Reads a head. Leading empty lines, up to 5, belong to it. It goes on where it stopped, if it said <see cref="ReadResult.NeedMore"/> before:
    /// the bytes from then must still stand at the beginning. After anything else it begins anew by itself.
    /// </summary>
    /// <param name="input">All bytes since the end of the message before.</param>
    /// <param name="limits">The limits.</param>
    public ReadResult Read(ReadOnlySpan<byte> input, HeadLimits limits)
    {
        if (_isOver)
        {
            Reset();
        }

        // What stands behind the limit is never looked at: the bytes of a body that came along can't change what is said of the head.
        input = input[..Math.Min(input.Length, limits.Head)];
        var lines = _lines;
        while (true)
        {
            var isRequestLine = _headers == 0;
            var cut = lines.Next(input, isRequestLine ? limits.RequestLine : limits.HeaderLine, out var line);
            if (cut != LineCut.Line)
            {
                _lines = lines;
                return Stop(cut, isRequestLine, mayCome: input.Length < limits.Head);
            }

            RequestRefusal? refusal;
            if (isRequestLine)
            {
                refusal = line.IsEmpty ? ++_emptyLines > MostEmptyLines ? Refusals.EmptyLines : null : ReadRequestLine(input, line, limits);
                _headers = line.IsEmpty ? 0 : lines.Start;
            }
            else if (!line.IsEmpty)
            {
                var name = FieldSyntax.NameLength(input, line);
                if (++_headerCount > limits.HeaderCount || name == 0 || name > limits.HeaderName)
                {
                    return Refuse(_headerCount > limits.HeaderCount ? Refusals.TooManyLines : name == 0 ? Refusals.Line : Refusals.NameTooLong);
                }

                var kind = FieldNames.OfRequest(input.Slice(line.Start, name));
                if (kind == FieldKind.Plain)
                {
                    continue;
                }

                refusal = ReadField(input, line, kind, FieldSyntax.Trimmed(input, line.Start + name + 1, line.Start + line.Length));
            }
            else
            {
                refusal = Finish(input, limits);
                if (refusal is null)
                {
                    Length = lines.Start;
                    _isOver = true;
                    return ReadResult.Done;
                }
            }

            if (refusal is not null)
            {
                return Refuse(refusal);
            }
        }
    }

    /// <summary>Forgets a head that was begun: the next <see cref="Read"/> begins anew. Needed only after <see cref="ReadResult.NeedMore"/>.</summary>
    public void Reset()
    {
        _lines = default;
        _fields.Reset();
        _target = default;
        _isOver = false;
        (_emptyLines, _headers, _headerCount, _hostCount, _lengthCount, _length) = (0, 0, 0, 0, 0, 0);
        (_isChunked, _acceptsHtml, _acceptsJson) = (false, false, false);
        (_upgradeCount, _requestIdCount, _traceParentCount) = (0, 0, 0);
        Refusal = null;
        Length = 0;
        (Method, Target, Host, HostName, Upgrade, RequestId, TraceParent) = (default, default, default, default, default, default, default);
        (IsHttp10, KeepAlive, IsReplayable, IsHead) = (false, false, false, false);
        Body = default;
        Expect = Expectation.None;
    }

    /// <summary>Why, after <see cref="ReadResult.Refused"/>.</summary>
    public RequestRefusal? Refusal { get; private set; }

    /// <summary>All its bytes, with the empty line at its end.</summary>
    public int Length { get; private set; }

    public Slice Method { get; private set; }

    /// <summary>The target as received, for the log line.</summary>
    public Slice Target { get; private set; }

    /// <summary>
    /// The target in origin form, as the dyno gets it: without scheme and authority, without fragment; <c>*</c> for OPTIONS *. It is empty or begins
    /// with <c>?</c> if the target is an URL without a path: the dyno then gets a <c>/</c> in its place.
    /// </summary>
    public Slice Path => _target.Path;

    /// <summary>The value of the one Host line.</summary>
    public Slice Host { get; private set; }

    /// <summary>The part of <see cref="Host"/> under which the app is looked up: no port, no trailing dot; case as received.</summary>
    public Slice HostName { get; private set; }

    public bool IsHttp10 { get; private set; }

    public BodyFraming Body { get; private set; }

    /// <summary>Whether the client wishes and may have another request on this connection. False also with both framings (RFC 9112, 6.1).</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>The protocol of an upgrade that may be passed on; empty if there is none. Never h2c.</summary>
    public Slice Upgrade { get; private set; }

    /// <summary>What the client waits for. <see cref="Expectation.None"/> also where nothing is to be sent: HTTP/1.0, or no body.</summary>
    public Expectation Expect { get; private set; }

    /// <summary>GET, HEAD, OPTIONS or TRACE, without a body and without an upgrade: may be sent again on a fresh connection if a pooled one died unanswered.</summary>
    public bool IsReplayable { get; private set; }

    public bool IsHead { get; private set; }

    /// <summary>The client's request id, if there is exactly one line and it is in order; else empty.</summary>
    public Slice RequestId { get; private set; }

    /// <summary>The traceparent line's value, if there is exactly one.</summary>
    public Slice TraceParent { get; private set; }

    /// <summary>Whether an error is to be told in JSON: Accept names application/json and not text/html.</summary>
    public bool AcceptsJson => _acceptsJson && !_acceptsHtml;

    /// <summary>The value of the first line with this name.</summary>
    /// <param name="input">What the head was read from.</param>
    /// <param name="name">In any case.</param>
    /// <param name="value">The value.</param>
    public bool TryGetHeader(ReadOnlySpan<byte> input, ReadOnlySpan<byte> name, out Slice value)
    {
        var all = new PassingFields(input, default, _headers, Length - 2, 0);
        while (all.MoveNext())
        {
            if (FieldNames.Is(all.Name.Of(input), name))
            {
                value = all.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    private ReadResult Refuse(RequestRefusal refusal)
    {
        Refusal = refusal;
        _isOver = true;
        return ReadResult.Refused;
    }

    /// <summary>There is no further line.</summary>
    private ReadResult Stop(LineCut cut, bool isRequestLine, bool mayCome) => cut switch
    {
        LineCut.NeedMore when mayCome => ReadResult.NeedMore,
        LineCut.NeedMore => Refuse(isRequestLine ? Refusals.RequestLineTooLong : Refusals.HeadTooLong),
        LineCut.TooLong => Refuse(isRequestLine ? Refusals.RequestLineTooLong : Refusals.LineTooLong),
        _ => Refuse(isRequestLine ? Refusals.RequestLine : Refusals.Line),
    };

    private RequestRefusal? ReadRequestLine(ReadOnlySpan<byte> input, Slice line, HeadLimits limits)
    {
        var first = FieldSyntax.TokenLength(input[line.Start..]);
        if (first == 0 || input[line.Start + first] != ' ')
        {
            return line.Of(input).IndexOf((byte)' ') > 0 ? Refusals.Method : Refusals.RequestLine;
        }

        if (first > limits.Method)
        {
            return Refusals.Method;
        }

        var target = line.Start + first + 1;
        if (!RequestTarget.TryFindEnd(input, target, out var path, out var end))
        {
            return Refusals.Target;
        }

        var version = input[Math.Min(end + 1, line.Start + line.Length)..(line.Start + line.Length)];
        if (end == target || !version.SequenceEqual("HTTP/1.1"u8))
        {
            if (end == target || !version.SequenceEqual("HTTP/1.0"u8))
            {
                return end > target && version.StartsWith("HTTP/"u8) && !version.Contains((byte)' ') ? Refusals.Version : Refusals.RequestLine;
            }

            IsHttp10 = true;
        }

        Method = new Slice(line.Start, first);
        Target = new Slice(target, end - target);
        var isOptions = false;
        var method = input.Slice(line.Start, first);
        switch (first)
        {
            case 3:
                IsReplayable = method.SequenceEqual("GET"u8);
                break;
            case 4:
                IsReplayable = IsHead = method.SequenceEqual("HEAD"u8);
                break;
            case 5:
                IsReplayable = method.SequenceEqual("TRACE"u8);
                break;
            case 7 when FieldNames.Is(method, "CONNECT"u8):
                return Refusals.Connect;
            case 7:
                IsReplayable = isOptions = method.SequenceEqual("OPTIONS"u8);
                break;
        }

        return RequestTarget.TryRead(input, new Slice(target, path - target), isOptions, out _target) ? null : Refusals.Target;
    }
}
