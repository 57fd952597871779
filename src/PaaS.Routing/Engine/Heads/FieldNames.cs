using System.Text;

namespace PaaS.Routing;

/// <summary>What a header means to the router.</summary>
internal enum FieldKind : byte
{
    /// <summary>Nothing: it passes.</summary>
    Plain,

    /// <summary>It never passes: it holds for one connection only, or the router says it itself.</summary>
    Dropped,
    Accept,
    Connection,
    ContentLength,
    Date,
    Expect,
    ForwardedFor,

    /// <summary>X-Forwarded-Host and X-Forwarded-By: they pass, but may be switched off.</summary>
    ForwardedHost,
    Host,
    KeepAlive,
    RequestId,
    SetCookie,
    TraceParent,
    TransferEncoding,
    Upgrade,
    Via,
}

/// <summary>Knows headers by their names (Heroku: HTTP Routing; RFC 9110, 7.6). By length first: most names are then compared with one or none.</summary>
internal static class FieldNames
{
    private const int ShortestLookAlike = 10;
    private const int LongestLookAlike = 19;

    /// <summary>What a request's header means. The name is a token.</summary>
    public static FieldKind OfRequest(ReadOnlySpan<byte> name)
    {
        var kind = Exact(name);
        return kind == FieldKind.Plain && name.Length is >= ShortestLookAlike and <= LongestLookAlike && name.Contains((byte)'_') ? LookAlike(name) : kind;
    }

    /// <summary>What a response's header means. The name is a token.</summary>
    public static FieldKind OfResponse(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Is(name, "te"u8) => FieldKind.Dropped,
        3 when Is(name, "via"u8) => FieldKind.Via,
        4 when Is(name, "date"u8) => FieldKind.Date,
        7 when Is(name, "upgrade"u8) => FieldKind.Upgrade,
        10 => First(name) switch
        {
            (byte)'c' when Is(name, "connection"u8) => FieldKind.Connection,
            (byte)'k' when Is(name, "keep-alive"u8) => FieldKind.KeepAlive,
            (byte)'s' when Is(name, "set-cookie"u8) => FieldKind.SetCookie,
            _ => FieldKind.Plain,
        },
        14 when Is(name, "content-length"u8) => FieldKind.ContentLength,
        16 when Is(name, "proxy-connection"u8) => FieldKind.Dropped,
        17 when Is(name, "transfer-encoding"u8) => FieldKind.TransferEncoding,
        19 when Is(name, "proxy-authorization"u8) => FieldKind.Dropped,
        _ => FieldKind.Plain,
    };

    /// <summary>Whether a name in Connection removes the header. What frames, routes or authenticates can't be removed so, nor what the router says: else a client could strip what the app relies on.</summary>
    public static bool IsNominable(ReadOnlySpan<byte> name) =>
        OfRequest(name) is FieldKind.Plain or FieldKind.Accept or FieldKind.ForwardedHost && OfResponse(name) == FieldKind.Plain
        && !Is(name, "cookie"u8) && !Is(name, "authorization"u8);

    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static FieldKind Exact(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2 when Is(name, "te"u8):
                return FieldKind.Dropped;
            case 3 when Is(name, "via"u8):
                return FieldKind.Via;
            case 4 when Is(name, "host"u8):
                return FieldKind.Host;
            case 6:
                return First(name) switch
                {
                    (byte)'a' when Is(name, "accept"u8) => FieldKind.Accept,
                    (byte)'e' when Is(name, "expect"u8) => FieldKind.Expect,
                    _ => FieldKind.Plain,
                };
            case 7 when Is(name, "upgrade"u8):
                return FieldKind.Upgrade;
            case 10:
                return First(name) switch
                {
                    (byte)'c' when Is(name, "connection"u8) => FieldKind.Connection,
                    (byte)'k' when Is(name, "keep-alive"u8) => FieldKind.Dropped,
                    _ => FieldKind.Plain,
                };
            case 11 when Is(name, "traceparent"u8):
                return FieldKind.TraceParent;
            case 12:
                return First(name) switch
                {
                    (byte)'x' when Is(name, "x-request-id"u8) => FieldKind.RequestId,
                    (byte)'c' when Is(name, "connect-time"u8) => FieldKind.Dropped,
                    _ => FieldKind.Plain,
                };
            case 14:
                return First(name) switch
                {
                    (byte)'c' when Is(name, "content-length"u8) => FieldKind.ContentLength,
                    (byte)'h' when Is(name, "http2-settings"u8) => FieldKind.Dropped,
                    (byte)'x' when Is(name, "x-forwarded-by"u8) => FieldKind.ForwardedHost,
                    _ => FieldKind.Plain,
                };
            case 15 when First(name) == 'x':
                return Is(name, "x-forwarded-for"u8) ? FieldKind.ForwardedFor : Is(name, "x-request-start"u8) ? FieldKind.Dropped : FieldKind.Plain;
            case 16:
                return First(name) switch
                {
                    (byte)'x' when Is(name, "x-forwarded-port"u8) => FieldKind.Dropped,
                    (byte)'x' when Is(name, "x-forwarded-host"u8) => FieldKind.ForwardedHost,
                    (byte)'p' when Is(name, "proxy-connection"u8) => FieldKind.Dropped,
                    (byte)'t' when Is(name, "total-route-time"u8) => FieldKind.Dropped,
                    _ => FieldKind.Plain,
                };
            case 17:
                return First(name) switch
                {
                    (byte)'t' when Is(name, "transfer-encoding"u8) => FieldKind.TransferEncoding,
                    (byte)'x' when Is(name, "x-forwarded-proto"u8) => FieldKind.Dropped,
                    _ => FieldKind.Plain,
                };
            case 19 when Is(name, "proxy-authorization"u8):
                return FieldKind.Dropped;
            default:
                return FieldKind.Plain;
        }
    }

    /// <summary>Web servers in the CGI tradition read X_Forwarded_Proto as X-Forwarded-Proto: such a name would undo what is done to the right one.</summary>
    private static FieldKind LookAlike(ReadOnlySpan<byte> name)
    {
        Span<byte> folded = stackalloc byte[LongestLookAlike];
        folded = folded[..name.Length];
        name.Replace(folded, (byte)'_', (byte)'-');
        return Exact(folded) switch
        {
            FieldKind.Plain => FieldKind.Plain,
            FieldKind.ForwardedHost => FieldKind.ForwardedHost,
            _ => FieldKind.Dropped,
        };
    }

    private static byte First(ReadOnlySpan<byte> name) => (byte)(name[0] | 0x20);
}
