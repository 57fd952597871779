namespace PaaS.Routing.Tests;

/// <summary>Pieces of requests that servers are known to read differently. N stands for the true length of the body, H for the app's host name.</summary>
internal static class HostileBytes
{
    public static readonly string[] Methods =
        ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "get", "X-CUSTOM", "CONNECT", "G@T", "GET\t", "", "GET\0", "\u00c7ET", "M(", new('M', 127), new('M', 128), "PRI"];

    public static readonly string[] Blanks = [" ", "  ", "\t", "\v", "\f", "", " \t", "\u00a0", "\r "];

    /// <summary>T stands for an ordinary target.</summary>
    public static readonly string[] Targets =
    [
        "T", "http://HT", "HTTP://HT", "https://HT", "http://other.example.comT", "http://H:80T", "http://user@HT", "http:T", "http:/HT", "/T", "*", "T#fragment", "T?a=b c", "T\u0080\u00ff", "T\0",
        "T\t", "T\u007f", "T%00%0d%0a", "T/../..", "http://", "http://H", "http://H?x", "H:80", "", "T\\x", "T\rX: y", "T\nX: y", "T HTTP/1.1", "T" + new string('a', 8100), "T" + new string('a', 9000), "x-schemeT",
    ];

    public static readonly string[] Versions =
        ["HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/1", "HTTP/1.10", "http/1.1", "HTTP/11", "HTTP/1.1 ", "", "HTTP/01.1", "HTTP/1,1", "HTTP /1.1", "XTTP/1.1", "HTTP/1.1\t", "HTTP/1.1\0", "HTTP/1.1 x", "HTTP/9999999999.1"];

    public static readonly string[] LineEnds = ["\n", "\r", "\r\r\n", "\n\r", "\0\r\n", " \r\n", "\t\r\n", "\r\n ", "\r\0\n", "\u000b\r\n", "", "\u0085", "\r\n\r"];

    public static readonly string[] Before = ["\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n\r\n", "\n", "\r", " \r\n", "\0", "\r\n ", " ", "\u00ef\u00bb\u00bf"];

    public static readonly string[] Separators = [":", ": ", ":\t", ":  \t ", " : ", "\t:", ":\r\n ", ":\n ", "", "::", ":\v", ":\0", " ", "=", ":\r"];

    public static readonly string[] LengthNames =
        ["Content-Length", "content-length", "CONTENT-LENGTH", "Content_Length", " Content-Length", "Content-Length ", "Content-Length\t", "\0Content-Length", "Content\u00adLength", "Content-Length\u0000", "Content Length", "X-Content-Length"];

    public static readonly string[] Lengths =
    [
        "N", "N", "N", "+N", "-N", "0xN", "0", "00N", "N ", "\tN", " N \t", "N,N", "N, N", "N,0", "0,N", "N;", "N.0", "", " ", "N\v", "\vN", "N\0", "\u0664", "1e1", "'N'", "\"N\"", "N N", "N_0", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "1844674407370955161N", "4294967296", "99999999999999999999999", "-0", "-1", "+0", "0N", "N\r\n N", "\u00b2", "N\u00a0", "0000000000000000000000000000000000N", "1", "3",
    ];

    public static readonly string[] CodingNames =
    [
        "Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING", "Transfer_Encoding", " Transfer-Encoding", "Transfer-Encoding ", "Transfer-Encoding\t", "\vTransfer-Encoding", "Transfer-Encodin", "\0Transfer-Encoding", "Transfer\\-Encoding",
        "X: y\nTransfer-Encoding", "X: y\rTransfer-Encoding", "Transfer-Encoding\0", "Transfer Encoding", "TransferEncoding", "X-Transfer-Encoding", "Transfer-Encoding\r\n", "\u0421ransfer-Encoding",
    ];

    public static readonly string[] Codings =
    [
        "chunked", "chunked", "chunked", "Chunked", "cHUNKED", "chunked ", "\tchunked", "chunked\t", "\vchunked", "chunked\v", "xchunked", "chunkedx", "chunked, chunked", "chunked,", ",chunked", ", chunked ,", "identity", "identity, chunked", "gzip, chunked",
        "chunked, gzip", "chunked;a=b", "chunked; q=1", "", " ", "\"chunked\"", "'chunked'", "chunked\0", "chun\0ked", "chunk", "\0chunked", "chunked\r", "chunked\u00a0", "deflate", "trailers", "chunked, identity", "chunked\r\n , x", "\r\n chunked",
        "\n chunked", "chunked\n", "chunKed\u212a", "chunked chunked", "x-chunked", "none", "0", "chunked\f", "tr\u00ffunked",
    ];

    public static readonly string[] Hosts =
    [
        "", "H:80", "H:", "H:x", "H:99999999", "user@H", "H/path", "H,other.example.com", "H other", "H.", "\tH\t", "[::1]", "127.0.0.1", "other.example.com", "H\0", "H\u0080", "H#", "H?", "H\\", "H\r\n other.example.com", "H:80:80", "[H]",
        "xn--a", "H..", ".H", new('h', 300), "*", "H:+80", "H:-1", "%48",
    ];

    /// <summary>Whole header lines without their end.</summary>
    public static readonly string[] Lines =
    [
        " folded", "\tfolded", "X: a\r\n b", "X: a\nY: b", "X: a\rY: b", "X: a\0b", ": nothing", "X y: a", "X", "X\0: a", "X(a): b", "\u00dcber: x", "X_Forwarded_For: 6.6.6.6", "X_Forwarded_Proto: https", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: ",
        "X-Forwarded-Proto: https", "X-Request-Id: a", "X-Request-Id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nX-Request-Id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "X-Request-Id: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\u0000", "X-Request-Start: 1", "Via: 1.0 x, 1.1 y", "Connection: close",
        "Connection: keep-alive", "Connection: Content-Length", "Connection: Transfer-Encoding, close", "Connection: Host", "Connection: X-Request-Id, X-Forwarded-For, Via", "Connection: upgrade", "Connection: Upgrade\r\nUpgrade: websocket",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "Upgrade: websocket", "Upgrade: h2c, websocket\r\nConnection: upgrade", "Expect: 100-continue", "Expect: 100-Continue ", "Expect: nonsense", "Expect: ", "Expect: 100-continue, x",
        "Expect: 100-continue\r\nExpect: 100-continue", "TE: trailers", "TE: chunked", "Trailer: Content-Length", "Content-Encoding: chunked", "Proxy-Connection: close", "Keep-Alive: timeout=1", "X: \u007f", "X: \u0001\u001b[31m", "X:\tb\u00e4r\t", "Range: bytes=0-",
        "X-HTTP-Method-Override: DELETE", "Content-Length-: 3", "Content-Type: multipart/form-data; boundary=\"\\\"", "Host-: x", "X-Original-URL: /admin", "Cookie: a=b\r\nCookie: c=d", "Content-Length : 3", "Transfer-Encoding : chunked", "X: y\r\n\tTransfer-Encoding: chunked",
        "X:" + new string(' ', 100) + "y", "L: " + new string('l', 8189), "L: " + new string('l', 8300), new string('n', 1000) + ": x", new string('n', 1001) + ": x", "HTTP2-Settings: AAMAAABk", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ];

    /// <summary>A chunk's size line; S stands for the size in hex.</summary>
    public static readonly string[] Sizes =
    [
        "S", "S", "S", "S", "0S", "000000000000000S", "0000000000000000000000S", "0xS", "+S", "-S", " S", "S ", "S\t", "S;", "S;ext", "S;a=b", "S ;a=b", "S;a=\"b;c\"", "S;a\nb", "S;a\rb", "S\n;", "S;a=\"b\r\n\"", "S;\0", "S\r", "S,", "S_", "S\0", "\uff15", "S;" + new string('e', 4000), "S;" + new string('e', 5000),
        "FFFFFFFFFFFFFFFF", "7FFFFFFFFFFFFFFF", "8000000000000000", "FFFFFFFF", "100000000", "1000000000000000S", "", ";", "x", "S S", "S.0", "'S'", "-1", "S;\u0080\u00ff", "0;S", "S\v", "S; a = b ",
    ];

    public static readonly string[] ChunkEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\n\r", "", "XX", "\r\n\r\n", " \r\n", "\0\0", "\rX", "X\n"];

    public static readonly string[] LastChunks =
    [
        "0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\n", "0\n\n", "0\r\n\n", "0\n\r\n", "00\r\n\r\n", "0;x\r\n\r\n", "0\r\nX: a\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nHost: other.example.com\r\n\r\n",
        "0\r\nAuthorization: x\r\nCookie: a=b\r\n\r\n", "0\r\n X\r\n\r\n", "0\r\nno colon\r\n\r\n", "0\r\nX: a\nY: b\r\n\r\n", "0\r\nX: a\r\n b\r\n\r\n", "-0\r\n\r\n", "0x0\r\n\r\n", "0\r\rX\r\n\r\n", "0 \r\n\r\n", "", "0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n", "0;a\nb\r\n\r\n", "0\r\n\r",
        "0\r\n\0\r\n\r\n", "0\r\nContent-Length : 5\r\n\r\n",
    ];

    /// <summary>What a slip of a byte may be.</summary>
    public static readonly byte[] Slips = [0, 9, 10, 11, 12, 13, 32, 34, 43, 44, 45, 46, 48, 49, 58, 59, 95, 127, 128, 160, 255];
}
