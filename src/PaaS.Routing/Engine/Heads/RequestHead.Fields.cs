using System.Buffers;
using System.Text;

namespace PaaS.Routing;

internal sealed partial class RequestHead
{
    private const int ShortestRequestId = 20;
    private const int LongestRequestId = 200;

    private static readonly SearchValues<byte> RequestIdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-"u8);

    private RequestRefusal? ReadField(ReadOnlySpan<byte> input, Slice line, FieldKind kind, Slice value)
    {
        switch (kind)
        {
            case FieldKind.Host:
                Host = value;
                return ++_hostCount > 1 ? Refusals.SecondHost : null;
            case FieldKind.Accept:
                ReadAccept(value.Of(input));
                return null;
        }

        _fields.Add(new Field(kind, line.Start, line.Start + line.Length + 2, value));
        switch (kind)
        {
            case FieldKind.Connection:
                return _fields.Connection.Read(input, value) ? null : Refusals.Nominations;
            case FieldKind.ContentLength:
                return ReadContentLength(value.Of(input));
            case FieldKind.TransferEncoding:
                return ReadTransferEncoding(value.Of(input));
            case FieldKind.Expect:
                ReadExpect(value.Of(input));
                break;
            case FieldKind.Upgrade:
                Upgrade = value;
                _upgradeCount++;
                break;
            case FieldKind.RequestId:
                RequestId = value;
                _requestIdCount++;
                break;
            case FieldKind.TraceParent:
                TraceParent = value;
                _traceParentCount++;
                break;
        }

        return null;
    }

    private RequestRefusal? Finish(ReadOnlySpan<byte> input, HeadLimits limits)
    {
        if (_hostCount == 0)
        {
            return Refusals.NoHost;
        }

        if (!HostValue.TryRead(input, Host, out var name))
        {
            return Refusals.Host;
        }

        HostName = name;
        if (!_target.Authority.IsEmpty && !FieldNames.Is(_target.Authority.Of(input), Host.Of(input)))
        {
            return Refusals.Authority;
        }

        var hasBoth = _isChunked && _lengthCount > 0;
        if (hasBoth && limits.RefusesBothFramings)
        {
            return Refusals.BothFramings;
        }

        ref readonly var connection = ref _fields.Connection;
        Body = _isChunked ? new BodyFraming(BodyKind.Chunked) : _lengthCount > 0 ? new BodyFraming(BodyKind.Length, _length) : default;
        KeepAlive = !hasBoth && !connection.Close && (!IsHttp10 || connection.KeepAlive);
        if (!Upgrade.IsEmpty && (_upgradeCount > 1 || IsHttp10 || !connection.Upgrade || !MayUpgrade(input, Upgrade)))
        {
            Upgrade = default;
        }

        var isEmpty = !_isChunked && _length == 0;
        if (Expect == Expectation.Continue && (IsHttp10 || isEmpty))
        {
            Expect = Expectation.None;
        }

        IsReplayable = IsReplayable && isEmpty && Upgrade.IsEmpty;
        if (!RequestId.IsEmpty && (_requestIdCount > 1 || RequestId.Length is < ShortestRequestId or > LongestRequestId || RequestId.Of(input).ContainsAnyExcept(RequestIdBytes)))
        {
            RequestId = default;
        }

        if (_traceParentCount > 1)
        {
            TraceParent = default;
        }

        return null;
    }

    /// <summary>Two equal lines are one; anything that two readers might take for two different numbers is refused (RFC 9112, 6.3).</summary>
    private RequestRefusal? ReadContentLength(ReadOnlySpan<byte> value)
    {
        if (!FieldSyntax.TryReadLength(value, out var length) || (_lengthCount > 0 && length != _length))
        {
            return Refusals.ContentLength;
        }

        _length = length;
        _lengthCount++;
        return null;
    }

    private RequestRefusal? ReadTransferEncoding(ReadOnlySpan<byte> value)
    {
        if (_isChunked || IsHttp10 || !FieldNames.Is(value, "chunked"u8))
        {
            return Refusals.TransferEncoding;
        }

        _isChunked = true;
        return null;
    }

    private void ReadExpect(ReadOnlySpan<byte> value)
    {
        if (FieldNames.Is(value, "100-continue"u8))
        {
            Expect = Expect == Expectation.Unknown ? Expect : Expectation.Continue;
        }
        else if (!value.IsEmpty)
        {
            Expect = Expectation.Unknown;
        }
    }

    private void ReadAccept(ReadOnlySpan<byte> value)
    {
        if (_acceptsHtml || value.StartsWith("text/html"u8))
        {
            _acceptsHtml = true;
            return;
        }

        var elements = new ListElements(value, new Slice(0, value.Length));
        while (elements.MoveNext())
        {
            var type = elements.Current.Of(value);
            var parameters = type.IndexOf((byte)';');
            type = (parameters < 0 ? type : type[..parameters]).TrimEnd(" \t"u8);
            _acceptsHtml |= FieldNames.Is(type, "text/html"u8);
            _acceptsJson |= FieldNames.Is(type, "application/json"u8);
        }
    }

    /// <summary>
    /// Whether a protocol may be passed on: a token, perhaps with a version. h2c would be a second HTTP behind the router's back, whose requests it
    /// neither sees nor counts.
    /// </summary>
    private static bool MayUpgrade(ReadOnlySpan<byte> input, Slice upgrade)
    {
        var protocols = new ListElements(input, upgrade);
        while (protocols.MoveNext())
        {
            var protocol = protocols.Current.Of(input);
            var slash = protocol.IndexOf((byte)'/');
            var name = slash < 0 ? protocol : protocol[..slash];
            if (!FieldSyntax.IsToken(name) || (slash >= 0 && !FieldSyntax.IsToken(protocol[(slash + 1)..])) || IsHttp(name))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHttp(ReadOnlySpan<byte> protocol) =>
        FieldNames.Is(protocol, "HTTP"u8) || (protocol.Length >= 2 && Ascii.EqualsIgnoreCase(protocol[..2], "h2"u8));
}
