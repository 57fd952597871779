using System.Globalization;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>
/// What one client sends: an ambiguous request with innocent ones before and behind it, and where its bytes are cut into segments. A number makes
/// the same stream again.
/// </summary>
internal sealed class HostileStream
{
    /// <summary>Stands in the target of requests that are no requests but a part of a body, or stand behind what must end the connection.</summary>
    public const string Marker = "MARKER";

    private readonly Random _random;
    private readonly string _host;
    private readonly StringBuilder _text = new();
    private bool _mayBeRead;

    public HostileStream(int seed, string host)
    {
        Seed = seed;
        _random = new Random(seed);
        _host = host;
        IsInnocent = _random.Next(20) == 0;
        if (_random.Next(4) == 0)
        {
            Innocent();
        }

        if (IsInnocent)
        {
            Innocent();
        }
        else
        {
            Ambiguous();
        }

        Behind();
        Bytes = Encoding.Latin1.GetBytes(_text.ToString());
        if (Chance(20) && !IsInnocent)
        {
            Slip();
        }

        Cuts = CutUp();
    }

    public int Seed { get; }

    public byte[] Bytes { get; private set; }

    /// <summary>Lengths of the segments.</summary>
    public List<int> Cuts { get; }

    /// <summary>Nothing is wrong with any of it: every request must be answered by the app.</summary>
    public bool IsInnocent { get; }

    /// <summary>Whether a target with <see cref="Marker"/> at a back end would be a request made of something else, whoever reads the stream.</summary>
    public bool IsSealed => !_mayBeRead;

    private bool Chance(int percent) => _random.Next(100) < percent;

    private string Pick(string[] texts) => texts[_random.Next(texts.Length)];

    /// <summary>The ordinary text mostly, a strange one now and then.</summary>
    private string Odd(string ordinary, string[] strange, int percent) => Chance(percent) ? Pick(strange) : ordinary;

    private string Target(string kind) => $"/{kind}-{Seed}-{_random.Next(1000)}";

    private void Innocent()
    {
        var target = Target("innocent");
        var body = new string('b', _random.Next(200));
        _text.Append(_random.Next(4) switch
        {
            0 => $"POST {target} HTTP/1.1\r\nHost: {_host}\r\nContent-Length: {body.Length}\r\n\r\n{body}",
            1 => $"PUT {target} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: {_host}\r\n\r\n{(body.Length == 0 ? "" : $"{body.Length:x}\r\n{body}\r\n")}0\r\n\r\n",
            2 => $"HEAD {target} HTTP/1.1\r\nHost: {_host}\r\nAccept: */*\r\n\r\n",
            _ => $"GET {target} HTTP/1.1\r\nHost: {_host}\r\nUser-Agent: innocent\r\n\r\n",
        });
    }

    /// <summary>A request that would do harm if it were read as one.</summary>
    private string Smuggled() =>
        $"{(Chance(50) ? "GET" : "POST")} {Target(Marker)} HTTP/1.1\r\nHost: {_host}\r\nContent-Length: {_random.Next(3) * 10}\r\n{(Chance(50) ? "\r\n" : "X: ")}";

    private void Ambiguous()
    {
        if (Chance(8))
        {
            _text.Append(Pick(HostileBytes.Before));
        }

        var line = Chance(20);
        var blank = Chance(4) ? Pick(HostileBytes.Blanks) : " ";
        var target = Odd("T", HostileBytes.Targets, line ? 50 : 0).Replace("H", _host, StringComparison.Ordinal).Replace("T", Target("odd"), StringComparison.Ordinal);
        _text.Append(Odd(Chance(60) ? "POST" : "GET", HostileBytes.Methods, line ? 40 : 5)).Append(blank).Append(target).Append(Chance(3) ? Pick(HostileBytes.Blanks) : " ")
            .Append(Odd("HTTP/1.1", HostileBytes.Versions, line ? 30 : 5));
        EndLine(1);
        var body = Body();
        var lines = new List<string>(body.Lines);
        AddHost(lines);
        for (var count = Chance(50) ? _random.Next(3) : 0; count > 0; count--)
        {
            lines.Insert(_random.Next(lines.Count + 1), Pick(HostileBytes.Lines));
        }

        if (Chance(1))
        {
            lines.InsertRange(_random.Next(lines.Count + 1), Enumerable.Range(0, _random.Next(980, 1100)).Select(i => $"x{i}: y"));
        }
        else if (Chance(1))
        {
            lines.InsertRange(_random.Next(lines.Count + 1), Enumerable.Range(0, 18).Select(i => $"x{i}: {new string('z', 8000)}"));
        }

        foreach (var header in lines)
        {
            _text.Append(header);
            EndLine(1);
        }

        EndLine(2);
        _text.Append(body.Bytes);
    }

    private void EndLine(int percent)
    {
        var end = Odd("\r\n", HostileBytes.LineEnds, percent);

        // Two lines may have become one, and the line that frames the body part of another.
        _mayBeRead |= end != "\r\n";
        _text.Append(end);
    }

    private void AddHost(List<string> lines)
    {
        var strange = Chance(12);
        var host = (strange ? Pick(HostileBytes.Hosts) : "H").Replace("H", _host, StringComparison.Ordinal);
        if (!Chance(2))
        {
            lines.Insert(Chance(70) ? 0 : _random.Next(lines.Count + 1), "Host" + Odd(": ", HostileBytes.Separators, 3) + host);
        }

        if (Chance(4))
        {
            lines.Insert(_random.Next(lines.Count + 1), Chance(50) ? $"Host: {_host}" : "host: other.example.com");
        }
    }

    private (List<string> Lines, string Bytes) Body()
    {
        var content = Chance(70) ? string.Concat(Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Smuggled())) : new string('c', _random.Next(300));
        var lines = new List<string>();
        var kind = _random.Next(10);
        if (kind == 0)
        {
            return (lines, "");
        }

        if (kind <= 4)
        {
            AddLengths(lines, content.Length, Chance(60) ? 1 : _random.Next(1, 4), 40);

            // With one line of the true length, any other reading of the body's end is a fault: refused, or this length.
            _mayBeRead |= !lines.Exists(line => line.Equals($"Content-Length: {content.Length}", StringComparison.OrdinalIgnoreCase));
            if (Chance(20))
            {
                lines.Add("Transfer-Encoding" + Pick(HostileBytes.Separators) + Pick(HostileBytes.Codings));
            }

            return (lines, content);
        }

        var coded = Chunks(content);
        for (var count = Chance(80) ? 1 : 2; count > 0; count--)
        {
            lines.Add(Odd("Transfer-Encoding", HostileBytes.CodingNames, 12) + Odd(": ", HostileBytes.Separators, 6) + Odd("chunked", HostileBytes.Codings, 30));
        }

        if (Chance(50))
        {
            // With a line that is one of Transfer-Encoding, no length counts; else the length may end the body within the chunks.
            _mayBeRead |= !lines.Exists(line => line.StartsWith("Transfer-Encoding: ", StringComparison.OrdinalIgnoreCase));
            var length = _random.Next(5) switch { 0 => 0, 1 => _random.Next(coded.Length + 1), 2 => content.Length, 3 => coded.Length + _random.Next(100), _ => coded.Length };
            AddLengths(lines, length, Chance(70) ? 1 : 2, 25);
        }

        return (lines, coded);
    }

    private void AddLengths(List<string> lines, int length, int count, int strange)
    {
        for (; count > 0; count--)
        {
            var value = Odd("N", HostileBytes.Lengths, strange).Replace("N", length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            lines.Insert(_random.Next(lines.Count + 1), Odd("Content-Length", HostileBytes.LengthNames, 15) + Odd(": ", HostileBytes.Separators, 8) + value);
        }
    }

    private string Chunks(string content)
    {
        var coded = new StringBuilder();
        var strange = Chance(30) ? 30 : 0;
        while (content.Length > 0)
        {
            var count = Chance(50) ? content.Length : _random.Next(1, content.Length + 1);
            var size = count.ToString(Chance(50) ? "x" : "X", CultureInfo.InvariantCulture);
            var line = Odd("S", HostileBytes.Sizes, strange);

            // Without a line of its size, and without a framing that anybody knows, the chunk would be a request in its own right.
            _mayBeRead |= line.Length == 0;
            coded.Append(line.Replace("S", size, StringComparison.Ordinal)).Append(Odd("\r\n", HostileBytes.LineEnds, strange / 10))
                .Append(content.AsSpan(0, count)).Append(Odd("\r\n", HostileBytes.ChunkEnds, strange));
            content = content[count..];
        }

        return coded.Append(Odd("0\r\n\r\n", HostileBytes.LastChunks, strange)).ToString();
    }

    private void Behind()
    {
        for (var count = _random.Next(3); count > 0; count--)
        {
            Innocent();
        }
    }

    /// <summary>Some bytes are other than they were meant: then only the strict reader can say what is a request and what is not.</summary>
    private void Slip()
    {
        _mayBeRead = true;
        var bytes = new List<byte>(Bytes);
        for (var count = _random.Next(1, 4); count > 0 && bytes.Count > 0; count--)
        {
            var at = _random.Next(bytes.Count);
            var slip = Chance(80) ? HostileBytes.Slips[_random.Next(HostileBytes.Slips.Length)] : (byte)_random.Next(256);
            switch (_random.Next(4))
            {
                case 0: bytes.Insert(at, slip); break;
                case 1: bytes[at] = slip; break;
                case 2: bytes.RemoveAt(at); break;
                default: bytes.RemoveRange(at, Math.Min(bytes.Count - at, _random.Next(1, 30))); break;
            }
        }

        Bytes = [.. bytes];
    }

    private List<int> CutUp()
    {
        var cuts = new List<int>();
        var left = Bytes.Length;
        var largest = _random.Next(6) switch { 0 => 3, 1 => 40, 2 => 200, _ => int.MaxValue };
        while (left > 0)
        {
            // Not more than a few dozen: a stream of single bytes would cost more than it shows.
            var cut = cuts.Count > 40 || largest == int.MaxValue ? left : Math.Min(left, _random.Next(1, largest + 1));
            cuts.Add(cut);
            left -= cut;
        }

        return cuts;
    }
}
