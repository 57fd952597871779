using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>What a hostile dyno answers: doubtful framing, too much, too little, or no answer. A number makes the same answer again.</summary>
internal sealed class HostileAnswer
{
    /// <summary>Stands with the number in all that a hostile dyno says: only who asked for it may ever see it.</summary>
    public const string Marker = "EVIL-";

    private static readonly string[] StatusLines =
    [
        "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1  200 OK", "HTTP/2.0 200 OK",
        "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 No", "HTTP/1.1 999 High", "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 abc OK", "http/1.1 200 OK", "ICY 200 OK", "", "\r\nHTTP/1.1 200 OK", "HTTP/1.1 200 O\0K", "HTTP/1.1 200 OK\rX: y",
        "HTTP/1.1 100 Continue", "HTTP/1.1 103 Early Hints", "HTTP/1.1 200 " + new string('r', 9000), "GET / HTTP/1.1", "HTTP/1.1 -20 OK", "HTTP/1.1 500 Internal Server Error", "HTTP/1.1\t200\tOK",
    ];

    private static readonly string[] Headers =
    [
        " folded", "X: a\r\n b", "X: a\nY: b", "X: a\rY: b", "X: a\0b", ": nothing", "X y: a", "no colon", "Set-Cookie: a=" + new string('c', 8300), "X: " + new string('x', 70_000), "Connection: close", "Connection: keep-alive", "Connection: upgrade\r\nUpgrade: x",
        "Keep-Alive: timeout=0", "Keep-Alive: timeout=99999999999", "Keep-Alive: timeout=-1", "Trailer: Content-Length", "Date: x", "Via: x", "TE: chunked", "Content-Length : 3", "Transfer-Encoding : chunked", "\tX: y", "Connection: Content-Length", "Connection: Transfer-Encoding",
    ];

    private readonly Random _random;
    private readonly StringBuilder _text = new();

    public HostileAnswer(int seed)
    {
        Seed = seed;
        _random = new Random(seed);
        if (Chance(8))
        {
            Flood();
        }

        Head();
        Bytes = Encoding.Latin1.GetBytes(_text.ToString());
        Ending = _random.Next(8) switch { 0 => AnswerEnding.Resets, 1 or 2 => AnswerEnding.Ends, _ => AnswerEnding.Stays };
        if (Chance(20))
        {
            // What is cut off never comes.
            Bytes = Bytes[.._random.Next(Bytes.Length + 1)];
        }
    }

    public int Seed { get; }

    public byte[] Bytes { get; }

    public AnswerEnding Ending { get; }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private string Pick(string[] texts) => texts[_random.Next(texts.Length)];

    private string Odd(string ordinary, string[] strange, int percent) => Chance(percent) ? Pick(strange) : ordinary;

    private void Flood()
    {
        for (var count = _random.Next(1, 80); count > 0; count--)
        {
            _text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 10{(Chance(50) ? 3 : _random.Next(10) switch { 1 => 2, var digit => digit })} Hint\r\nX: {Marker}{Seed}\r\n\r\n");
        }
    }

    /// <summary>A whole response of its own, which would be another request's answer if it were read as one.</summary>
    private string Smuggled() => $"HTTP/1.1 200 OK\r\nX: {Marker}{Seed}\r\nContent-Length: {Marker.Length + 9}\r\n\r\n{Marker}{Seed:000000000}";

    private void Head()
    {
        var body = string.Concat(Enumerable.Range(0, _random.Next(3)).Select(_ => Smuggled()));
        var lines = new List<string> { $"X: {Marker}{Seed}" };
        var isChunked = Chance(45);
        var coded = isChunked ? Chunks(body) : body;
        if (isChunked)
        {
            for (var count = Chance(85) ? 1 : 2; count > 0; count--)
            {
                lines.Add(Odd("Transfer-Encoding", HostileBytes.CodingNames, 10) + Odd(": ", HostileBytes.Separators, 6) + Odd("chunked", HostileBytes.Codings, 30));
            }
        }

        if (Chance(isChunked ? 30 : 90))
        {
            for (var count = Chance(75) ? 1 : 2; count > 0; count--)
            {
                var length = _random.Next(6) switch { 0 => 0, 1 => _random.Next(coded.Length + 1), 2 => coded.Length + _random.Next(50), _ => coded.Length };
                var value = Odd("N", HostileBytes.Lengths, 30).Replace("N", length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                lines.Add(Odd("Content-Length", HostileBytes.LengthNames, 10) + Odd(": ", HostileBytes.Separators, 6) + value);
            }
        }

        for (var count = Chance(30) ? 1 : 0; count > 0; count--)
        {
            lines.Insert(_random.Next(lines.Count + 1), Pick(Headers));
        }

        _text.Append(Odd("HTTP/1.1 200 OK", StatusLines, 30)).Append(Odd("\r\n", HostileBytes.LineEnds, 2));
        lines.ForEach(line => _text.Append(line).Append(Odd("\r\n", HostileBytes.LineEnds, 2)));
        _text.Append(Odd("\r\n", HostileBytes.LineEnds, 2)).Append(coded);
        if (Chance(25))
        {
            _text.Append(Smuggled());
        }
    }

    private string Chunks(string content)
    {
        var coded = new StringBuilder();
        var strange = Chance(30) ? 30 : 0;
        while (content.Length > 0)
        {
            var count = _random.Next(1, content.Length + 1);
            coded.Append(Odd("S", HostileBytes.Sizes, strange).Replace("S", count.ToString("x", CultureInfo.InvariantCulture), StringComparison.Ordinal)).Append("\r\n").Append(content.AsSpan(0, count)).Append(Odd("\r\n", HostileBytes.ChunkEnds, strange));
            content = content[count..];
        }

        return coded.Append(Odd("0\r\n\r\n", HostileBytes.LastChunks, strange)).ToString();
    }
}

/// <summary>What a hostile dyno does with its connection behind an answer.</summary>
internal enum AnswerEnding
{
    Stays,
    Ends,
    Resets,
}
