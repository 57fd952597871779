using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>A header line in its parts.</summary>
/// <param name="Name">The name.</param>
/// <param name="Before">The blanks between colon and value.</param>
/// <param name="Value">The value, which neither begins nor ends with a blank.</param>
/// <param name="After">The blanks behind it.</param>
public sealed record HeadLine(string Name, string Before, string Value, string After)
{
    public override string ToString() => $"{Name}:{Before}{Value}{After}\r\n";
}

/// <summary>A head in its parts: a first line, and header lines.</summary>
public sealed record HeadParts(string First, HeadLine[] Lines)
{
    public override string ToString() => $"{First}\r\n{string.Concat<HeadLine>(Lines)}\r\n";
}

/// <summary>Heads of HTTP/1 messages, orderly ones and such as somebody sends to be misunderstood. One character stands for one byte.</summary>
public static class Heads
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0189AZaz";

    private static readonly string ValueCharacters = string.Concat(Enumerable.Range(1, 255).Where(b => b is not ('\r' or '\n')).Select(b => (char)b));

    private static readonly Gen<string> Blanks = Gen.Elements("", " ", " ", " ", "\t", "  \t");

    private static readonly Gen<string> Value = Gen.OneOf(Texts.Of(ValueCharacters, 0, 30), Texts.Of("ab, ;=\"", 0, 12)).Select(value => value.Trim(' ', '\t'));

    /// <summary>Names that mean nothing to the router.</summary>
    private static readonly Gen<string> PlainName = Gen.OneOf(
        Texts.Of(TokenCharacters, 1, 20).Select(name => "p" + name),
        Gen.Elements("User-Agent", "accept", "Cookie", "Content-Type", "X-A", "x_b", "Authorization", "Trailer", "X-Forwarded-Host", "Referer", "ETag", "Set-Cookie", "server"));

    private static readonly Gen<HeadLine> PlainLine = Line(PlainName, Value);

    /// <summary>Lines that the router reads, removes or replaces in a request, in order as to their syntax.</summary>
    private static readonly Gen<HeadLine> KnownLine = Gen.OneOf(
        Line(Gen.Elements("Via", "X-Forwarded-For", "x-forwarded-for", "X_Forwarded_For", "TE", "Keep-Alive", "X-Forwarded-Proto", "X-Request-Start", "Connect_Time"), Texts.Of("a1.,: ", 1, 10).Select(value => value.Trim())),
        Line(Gen.Elements("Connection"), Gen.Elements("close", "keep-alive", "close, x-a", "X-B,upgrade", "host, cookie, via", "User-Agent", "")),
        Line(Gen.Elements("Upgrade"), Gen.Elements("websocket", "h2c", "a/1, b", "")),
        Line(Gen.Elements("Expect"), Gen.Elements("100-continue", "other", "")),
        Line(Gen.Elements("X-Request-Id"), Gen.Elements("abcdefghij0123456789", "short", "")),
        Line(Gen.Elements("traceparent"), Gen.Elements("00-1-2-3", "")));

    private static readonly Gen<HeadLine> FramingLine = Gen.OneOf(
        Line(Gen.Elements("Content-Length", "content-length"), Gen.Elements("0", "5", "5", "10", "0005", "9223372036854775807")),
        Line(Gen.Elements("Transfer-Encoding", "transfer-encoding"), Gen.Elements("chunked", "Chunked")));

    /// <summary>Requests that are in order, without a word on their framing.</summary>
    public static Gen<HeadParts> Requests { get; } =
        from method in Gen.OneOf(Gen.Elements("GET", "POST", "HEAD", "OPTIONS", "DELETE"), Texts.Of(TokenCharacters, 1, 20))
        from path in Gen.OneOf(Gen.Elements("/", "/a?b=c", "//x/../y", "/%2e%zz?&&"), Texts.Of("/?=&.%a\u00e9~\\|\"<", 0, 20).Select(path => "/" + path))
        from host in Gen.Elements("a.test", "A.Test:8080", "[::1]:80", "x.")
        from before in Gen.OneOf(PlainLine, KnownLine).ArrayOf()
        from after in Gen.OneOf(PlainLine, KnownLine).ArrayOf()
        from version in Gen.Frequency((5, Gen.Constant("1.1")), (1, Gen.Constant("1.0")))
        select new HeadParts($"{method} {path} HTTP/{version}", [.. before, new HeadLine("Host", " ", host, ""), .. after]);

    /// <summary>As <see cref="Requests"/>, with lines that say where the body ends, perhaps several.</summary>
    public static Gen<HeadParts> FramedRequests { get; } = WithFraming(Requests);

    /// <summary>Responses that are in order.</summary>
    public static Gen<HeadParts> Responses { get; } = WithFraming(
        from status in Gen.Choose(100, 999)
        from reason in Gen.OneOf(Gen.Elements("", " ", " OK"), Texts.Of(ValueCharacters, 0, 20).Select(reason => " " + reason))
        from version in Gen.Frequency((5, Gen.Constant("1.1")), (1, Gen.Constant("1.0")))
        from lines in Gen.OneOf(PlainLine, KnownLine, Line(Gen.Elements("Date", "date", "Set-Cookie", "Keep-Alive"), Gen.Elements("x", "a=1; Path=/", "timeout=5"))).ArrayOf()
        select new HeadParts($"HTTP/{version} {status}{reason}", lines));

    /// <summary>Anything from orderly heads with a few bytes changed to plain noise.</summary>
    public static Gen<string> Hostile { get; } = Gen.OneOf(
        Spoiled(FramedRequests.Select(head => head.ToString())),
        Spoiled(Responses.Select(head => head.ToString())),
        Fragments(
            "GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "Host: a\r\n", "Host: a\r\n", "Host: b\r\n", "Content-Length: 5\r\n", "Content-Length: 6\r\n", "Content-Length: +5\r\n",
            "Content-Length: 5, 5\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\u000bchunked\r\n", "X: 1\r\n y\r\n", "X: 1\n",
            "X: a\rb\r\n", "X: \0\r\n", "X Y: 1\r\n", "Connection: content-length, host\r\n", "Connection: close, x\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n\r\n", "GET http://b/ HTTP/1.1\r\n", "GET / HTTP/1.0\r\n",
            "Content_Length: 5\r\n", "Expect: 100-continue\r\n", "0\r\n\r\n", " ", ":", "\0"),
        Texts.Of("GET/ HTP1.0:\r\n\r\n\r\n\0\t,;=aX-_\u00ff", 0, 80));

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Parts of a text, put together at random.</summary>
    public static Gen<string> Fragments(params string[] fragments) =>
        from count in Gen.Choose(0, 14)
        from parts in Gen.Elements(fragments).ArrayOf(count)
        select string.Concat(parts);

    /// <summary>Texts in which some bytes are changed, removed, doubled or put in.</summary>
    public static Gen<string> Spoiled(Gen<string> texts) =>
        from text in texts
        from changes in (
            from at in Gen.Choose(0, 400)
            from how in Gen.Choose(0, 3)
            from with in Gen.Elements("\r", "\n", "\0", " ", "\t", ":", ",", "\r\n", "\u00e9", "5", "chunked").Or(Texts.Of(ValueCharacters, 1, 3))
            select (at, how, with)).ArrayOf(3)
        select changes.Aggregate(text, (spoiled, change) =>
        {
            var at = change.at % (spoiled.Length + 1);
            var end = Math.Min(spoiled.Length, at + 1);
            return change.how switch
            {
                0 => spoiled[..at] + change.with + spoiled[end..],
                1 => spoiled[..at] + spoiled[end..],
                2 => spoiled[..end] + spoiled[at..],
                _ => spoiled[..at] + change.with + spoiled[at..],
            };
        });

    /// <summary>The places at which bytes are cut into pieces: each piece ends there, and the last at the end.</summary>
    public static Gen<int[]> Cuts { get; } = Gen.OneOf(Gen.Choose(1, 3), Gen.Choose(1, 60)).ListOf().Select(pieces => pieces.ToArray());

    /// <summary>The lengths of the prefixes that a reader is shown, one after the other.</summary>
    public static IEnumerable<int> Prefixes(int length, int[] pieces)
    {
        var shown = 0;
        for (var i = 0; shown < length; i++)
        {
            shown = Math.Min(length, shown + (pieces.Length == 0 ? 1 : pieces[i % pieces.Length]));
            yield return shown;
        }
    }

    private static Gen<T> Or<T>(this Gen<T> one, Gen<T> other) => Gen.OneOf(one, other);

    private static Gen<HeadLine> Line(Gen<string> name, Gen<string> value) =>
        from n in name
        from before in Blanks
        from v in value
        from after in Blanks
        select new HeadLine(n, before, v, v.Length == 0 ? "" : after);

    private static Gen<HeadParts> WithFraming(Gen<HeadParts> heads) =>
        from head in heads
        from framing in Gen.Frequency((2, Gen.Constant(Array.Empty<HeadLine>())), (3, FramingLine.ArrayOf(1)), (2, FramingLine.ArrayOf(2)))
        from at in Gen.Choose(0, 100)
        let place = at % (head.Lines.Length + 1)
        select head with { Lines = [.. head.Lines[..place], .. framing, .. head.Lines[place..]] };
}
