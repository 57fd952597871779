using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Routing;

namespace PaaS.Properties;

public class ChunkedReaderLaws
{
    /// <summary>A body in chunks: each with its data, its size as written, and an extension.</summary>
    private sealed record Chunk(string Data, string Zeros, bool IsUpper, string Extension)
    {
        public override string ToString() => $"{Size}{Extension}\r\n{Data}\r\n";

        public string Size => Zeros + Data.Length.ToString(IsUpper ? "X" : "x", CultureInfo.InvariantCulture);
    }

    private static readonly Gen<Chunk> Chunks =
        from data in Gen.OneOf(Texts.Of("\r\n\0 0a;\u00ff", 1, 40), Gen.Choose(1, 600).Select(length => new string('d', length)))
        from zeros in Gen.Elements("", "", "0", "0000")
        from upper in Gen.Elements(true, false)
        from extension in Gen.Elements("", "", ";a=b", ";x;y=\"z;\"", ";\t\u00e9")
        select new Chunk(data, zeros, upper, extension);

    private static readonly Gen<(string Coded, string Body, string Trailers)> Bodies =
        from chunks in Chunks.ArrayOf()
        from end in Gen.Elements("0", "000", "0;e")
        from trailers in Gen.Elements("X-T: 1\r\n", "a:\r\n", "Server-Timing: \u00e9 \r\n", "Content-Length: 5\r\n", "transfer_encoding: chunked\r\n", "X-Forwarded-For: 1\r\n", "Cookie: a\r\n").ArrayOf()
        let kept = trailers.Where(line => line[0] is 'X' or 'a' or 'S' && !line.StartsWith("X-F", StringComparison.Ordinal))
        select ($"{string.Concat<Chunk>(chunks)}{end}\r\n{string.Concat(trailers)}\r\n", string.Concat(chunks.Select(chunk => chunk.Data)), string.Concat(kept));

    [Fact]
    public void A_body_is_the_same_in_any_chunking_and_cut_at_any_bytes() =>
        Law.HoldsInFull(20_000, Bodies, Heads.Cuts, (body, pieces) =>
            Read(body.Coded + "GET /next", pieces) == (ChunkStep.End, body.Body, body.Trailers, body.Coded.Length));

    [Fact]
    public void A_body_that_is_cut_off_is_never_whole() =>
        Law.HoldsInFull(20_000, Bodies, Gen.Choose(0, 10_000), Heads.Cuts, (body, at, pieces) =>
        {
            var prefix = body.Coded[..(at % body.Coded.Length)];
            var (step, read, trailers, taken) = Read(prefix, pieces);
            return step == ChunkStep.NeedMore && taken == prefix.Length && trailers.Length == 0 && body.Body.StartsWith(read, StringComparison.Ordinal);
        });

    [Fact]
    public void What_is_spoiled_reads_the_same_however_it_is_cut_and_never_throws() =>
        Law.HoldsInFull(20_000, Hostile, Heads.Cuts, (text, pieces) =>
        {
            var (step, body, trailers, taken) = Read(text, [int.MaxValue]);
            var inPieces = Read(text, pieces);
            return (step, body, trailers) == (inPieces.Step, inPieces.Body, inPieces.Trailers) && (step != ChunkStep.End || taken == inPieces.Taken)
                && trailers.AsSpan().IndexOf('\0') < 0 && (trailers.Length == 0 || trailers.EndsWith("\r\n", StringComparison.Ordinal));
        });

    private static Gen<string> Hostile { get; } = Gen.OneOf(
        Heads.Spoiled(Bodies.Select(body => body.Coded)),
        Heads.Fragments("3\r\nabc\r\n", "0\r\n\r\n", "0\r\n", "\r\n", "\n", "\r", "3", ";a", "abc", "0x3\r\n", "+3\r\n", "X: 1\r\n", "X : 1\r\n", " y\r\n", "FFFFFFFFFFFFFFFF\r\n", "7fffffffffffffff\r\n", "\0", "a\r\n0123456789\r\n"),
        Texts.Of("0123aF\r\n\r\n;x:\0", 0, 40));

    private static (ChunkStep Step, string Body, string Trailers, int Taken) Read(string text, int[] pieces)
    {
        var reader = new ChunkedReader(HeadLimits.Default);
        var bytes = Heads.Bytes(text);
        var body = new StringBuilder();
        var taken = 0;
        foreach (var end in pieces is [int.MaxValue] ? [bytes.Length] : Heads.Prefixes(bytes.Length, pieces))
        {
            ChunkStep step;
            do
            {
                var input = bytes.AsSpan(taken..end);
                step = reader.Next(input, out var now, out var data);
                taken += now;
                if (step == ChunkStep.Data)
                {
                    body.Append(Heads.Text(data.Of(input)));
                }
            }
            while (step == ChunkStep.Data);

            if (step is ChunkStep.End or ChunkStep.Bad)
            {
                return (step, body.ToString(), Heads.Text(reader.Trailers), taken);
            }

            Assert.Equal(end, taken);
        }

        return (ChunkStep.NeedMore, body.ToString(), Heads.Text(reader.Trailers), taken);
    }
}
