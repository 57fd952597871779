using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
    private const int LongestKnown = 19;
    private const uint A = 1 << 1, C = 1 << 3, D = 1 << 4, E = 1 << 5, H = 1 << 8, K = 1 << 11, P = 1 << 16, S = 1 << 19, T = 1 << 20, U = 1 << 21, V = 1 << 22, X = 1 << 24;

    /// <summary>For each length, the first letters of the names that <see cref="ExactRequest"/> knows: a bit for each letter. Most names end here.</summary>
    private static ReadOnlySpan<uint> RequestLetters =>
    [
        0, 0, T, V, H, 0, A | E, U, 0, 0, C | K, T, X | C, 0, C | H | X, X, X | P | T, T | X, 0, P, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>As <see cref="RequestLetters"/>, for <see cref="ExactResponse"/>.</summary>
    private static ReadOnlySpan<uint> ResponseLetters =>
    [
        0, 0, T, V, D, 0, 0, U, 0, 0, C | K | S, 0, 0, 0, C, 0, P, T, 0, P, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>What a request's header means. The name is a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldKind OfRequest(ReadOnlySpan<byte> name) => MayBe(RequestLetters, name) ? KnownRequest(name) : FieldKind.Plain;

    /// <summary>What a response's header means. The name is a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldKind OfResponse(ReadOnlySpan<byte> name) => MayBe(ResponseLetters, name) ? ExactResponse(name) : FieldKind.Plain;

    /// <summary>Whether a name in Connection removes the header. What frames, routes or authenticates can't be removed so, nor what the router says: else a client could strip what the app relies on.</summary>
    public static bool IsNominable(ReadOnlySpan<byte> name) =>
        OfRequest(name) is FieldKind.Plain or FieldKind.Accept or FieldKind.ForwardedHost && OfResponse(name) == FieldKind.Plain
        && !Is(name, "cookie"u8) && !Is(name, "authorization"u8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => name.Length == other.Length && Ascii.EqualsIgnoreCase(name, other);

    private static bool MayBe(ReadOnlySpan<uint> letters, ReadOnlySpan<byte> name) => (uint)(name.Length - 1) < (uint)letters.Length - 1 && (letters[name.Length] & (1u << name[0])) != 0;

    private static FieldKind KnownRequest(ReadOnlySpan<byte> name)
    {
        var kind = ExactRequest(name);
        return kind == FieldKind.Plain && name.Contains((byte)'_') ? LookAlike(name) : kind;
    }

    private static FieldKind ExactResponse(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when Known(name, "date"u8) => FieldKind.Date,
        10 when First(name) == 'k' && Known(name, "keep-alive"u8) => FieldKind.KeepAlive,
        10 when First(name) == 's' && Known(name, "set-cookie"u8) => FieldKind.SetCookie,
        _ => ExactBoth(name),
    };

    /// <summary>The names that mean the same both ways: what holds for one connection only, and the framing.</summary>
    private static FieldKind ExactBoth(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Known(name, "te"u8) => FieldKind.Dropped,
        3 when Known(name, "via"u8) => FieldKind.Via,
        7 when First(name) == 'u' && Known(name, "upgrade"u8) => FieldKind.Upgrade,
        10 when First(name) == 'c' && Known(name, "connection"u8) => FieldKind.Connection,
        14 when First(name) == 'c' && Known(name, "content-length"u8) => FieldKind.ContentLength,
        16 when First(name) == 'p' && Known(name, "proxy-connection"u8) => FieldKind.Dropped,
        17 when First(name) == 't' && Known(name, "transfer-encoding"u8) => FieldKind.TransferEncoding,
        19 when First(name) == 'p' && Known(name, "proxy-authorization"u8) => FieldKind.Dropped,
        _ => FieldKind.Plain,
    };

    private static FieldKind ExactRequest(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when Known(name, "host"u8) => FieldKind.Host,
        6 when First(name) == 'a' && Known(name, "accept"u8) => FieldKind.Accept,
        6 when First(name) == 'e' && Known(name, "expect"u8) => FieldKind.Expect,
        10 when First(name) == 'k' && Known(name, "keep-alive"u8) => FieldKind.Dropped,
        11 when First(name) == 't' && Known(name, "traceparent"u8) => FieldKind.TraceParent,
        12 when First(name) == 'x' && Known(name, "x-request-id"u8) => FieldKind.RequestId,
        12 when First(name) == 'c' && Known(name, "connect-time"u8) => FieldKind.Dropped,
        14 when First(name) == 'h' && Known(name, "http2-settings"u8) => FieldKind.Dropped,
        14 when First(name) == 'x' && Known(name, "x-forwarded-by"u8) => FieldKind.ForwardedHost,
        15 when First(name) == 'x' => Known(name, "x-forwarded-for"u8) ? FieldKind.ForwardedFor : Known(name, "x-request-start"u8) ? FieldKind.Dropped : FieldKind.Plain,
        16 when First(name) == 'x' => Known(name, "x-forwarded-port"u8) ? FieldKind.Dropped : Known(name, "x-forwarded-host"u8) ? FieldKind.ForwardedHost : FieldKind.Plain,
        16 when First(name) == 't' && Known(name, "total-route-time"u8) => FieldKind.Dropped,
        17 when First(name) == 'x' && Known(name, "x-forwarded-proto"u8) => FieldKind.Dropped,
        _ => ExactBoth(name),
    };

    /// <summary>Web servers in the CGI tradition read X_Forwarded_Proto as X-Forwarded-Proto: such a name would undo what is done to the right one.</summary>
    private static FieldKind LookAlike(ReadOnlySpan<byte> name)
    {
        Span<byte> folded = stackalloc byte[LongestKnown];
        folded = folded[..name.Length];
        name.Replace(folded, (byte)'_', (byte)'-');
        return ExactRequest(folded) switch
        {
            FieldKind.Plain => FieldKind.Plain,
            FieldKind.ForwardedHost => FieldKind.ForwardedHost,
            _ => FieldKind.Dropped,
        };
    }

    /// <summary>Compares a token with a name of the same length, in small letters, digits and hyphens: of all bytes of a token, setting this bit makes only their own pair equal to them.</summary>
    private static bool Known(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known)
    {
        if (name.Length != known.Length)
        {
            return false;
        }

        if (name.Length >= sizeof(ulong))
        {
            const ulong small = 0x2020202020202020;
            var last = name.Length - sizeof(ulong);
            for (var at = 0; at < last; at += sizeof(ulong))
            {
                if ((BinaryPrimitives.ReadUInt64LittleEndian(name[at..]) | small) != BinaryPrimitives.ReadUInt64LittleEndian(known[at..]))
                {
                    return false;
                }
            }

            return (BinaryPrimitives.ReadUInt64LittleEndian(name[last..]) | small) == BinaryPrimitives.ReadUInt64LittleEndian(known[last..]);
        }

        for (var i = 0; i < name.Length; i++)
        {
            if ((name[i] | 0x20) != known[i])
            {
                return false;
            }
        }

        return true;
    }

    private static byte First(ReadOnlySpan<byte> name) => (byte)(name[0] | 0x20);
}
