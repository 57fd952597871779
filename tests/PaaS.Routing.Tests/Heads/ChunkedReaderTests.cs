using System.Text;
using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

public class ChunkedReaderTests
{
    /// <summary>Reads a coded body, offering so many bytes at a time.</summary>
    private static (ChunkStep Last, string Body, string Trailers, int Taken) Read(string coded, int piece = int.MaxValue, HeadLimits? limits = null)
    {
        var reader = new ChunkedReader(limits ?? HeadLimits.Default);
        var bytes = Bytes(coded);
        var body = new StringBuilder();
        var at = 0;
        while (true)
        {
            var input = bytes.AsSpan(at, Math.Min(piece, bytes.Length - at));
            var step = reader.Next(input, out var taken, out var data);
            at += taken;
            if (step == ChunkStep.Data)
            {
                Assert.InRange(data.Start + data.Length, 1, taken);
                body.Append(Text(data.Of(input)));
            }
            else if (step != ChunkStep.NeedMore || at == bytes.Length)
            {
                return (step, body.ToString(), Text(reader.Trailers), at);
            }
            else
            {
                Assert.Equal(input.Length, taken);
            }
        }
    }

    [Theory]
    [InlineData("0\r\n\r\n", "", "")]
    [InlineData("3\r\nabc\r\n5\r\ndefgh\r\ne\r\nijklmnopqrstuv\r\n0\r\n\r\n", "abcdefghijklmnopqrstuv", "")]
    [InlineData("000A\r\n0123456789\r\n000\r\n\r\n", "0123456789", "")]
    [InlineData("3;a=b;c=\"d;e\"\r\nabc\r\n0;z\r\n\r\n", "abc", "")]
    [InlineData("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", "")]
    [InlineData("1\r\nx\r\n0\r\nhead1: val1\r\nX-T:\r\n\r\n", "x", "head1: val1\r\nX-T:\r\n")]
    [InlineData("0\r\nA: 1\r\nContent-Length: 5\r\nX_Forwarded-For: 1\r\nTransfer-Encoding: x\r\nCOOKIE: c\r\nHost: h\r\nB: 2\r\nAuthorization: b\r\n\r\n", "", "A: 1\r\nB: 2\r\n")]
    public void A_body_is_the_same_however_it_is_cut(string coded, string body, string trailers)
    {
        for (var piece = 1; piece <= coded.Length + 1; piece++)
        {
            Assert.Equal((ChunkStep.End, body, trailers, coded.Length), Read(coded + "GET", piece));
        }
    }

    [Theory]
    [InlineData("0x3\r\nabc\r\n")]
    [InlineData("+3\r\nabc\r\n")]
    [InlineData("-3\r\nabc\r\n")]
    [InlineData(" 3\r\nabc\r\n")]
    [InlineData("3 \r\nabc\r\n")]
    [InlineData("3\t;a\r\nabc\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF3\r\nabc\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF\r\nabc\r\n")]
    [InlineData("8000000000000000\r\nabc\r\n")]
    [InlineData("00000000000000003\r\nabc\r\n")]
    [InlineData("\r\nabc\r\n")]
    [InlineData(";a\r\nabc\r\n")]
    [InlineData("3\nabc\r\n")]
    [InlineData("3\r\nabcde\r\n")]
    [InlineData("3\r\nabc0\r\n")]
    [InlineData("3\r\nabc\n0\r\n")]
    [InlineData("3;\nabc\r\n")]
    [InlineData("3;a\0b\r\nabc\r\n")]
    [InlineData("3;a\rb\r\nabc\r\n")]
    [InlineData("c\r\r\n<h1>go!</h1>\r\n")]
    [InlineData("g\r\n")]
    [InlineData("3\r\nabc\r\n0\r\n5\r\ndefgh\r\n0\r\n\r\n")]
    [InlineData("0\r\ntrailer is invalid\r\n\r\n")]
    [InlineData("0\r\nA: 1\r\n folded\r\n\r\n")]
    [InlineData("0\r\nA : 1\r\n\r\n")]
    [InlineData("0\r\nA: 1\n\r\n")]
    [InlineData("0\r\nA: \0\r\n\r\n")]
    [InlineData("0\r\n\n")]
    [InlineData("0\r\n\rx")]
    public void Anything_else_is_bad_however_it_is_cut(string coded)
    {
        for (var piece = 1; piece <= coded.Length; piece++)
        {
            var (last, body, trailers, _) = Read(coded, piece);
            Assert.Equal((ChunkStep.Bad, ""), (last, trailers));
            Assert.True("abc".StartsWith(body, StringComparison.Ordinal), body);
        }
    }

    [Fact]
    public void The_largest_chunk_has_63_bits()
    {
        var reader = new ChunkedReader(HeadLimits.Default);
        Assert.Equal(ChunkStep.Data, reader.Next("7fffffffffffffff\r\nabc"u8, out var taken, out var data));
        Assert.Equal((21, new Slice(18, 3)), (taken, data));
    }

    [Fact]
    public void What_stands_at_a_limit_passes_and_one_byte_more_does_not()
    {
        var limits = HeadLimits.Default with { ChunkExtension = 10, ChunkExtensions = 15, Trailers = 20 };
        foreach (var piece in new[] { 1, 2, 1000 })
        {
            Assert.Equal(ChunkStep.End, Read($"1;{new string('e', 10)}\r\nx\r\n0;{new string('e', 5)}\r\n\r\n", piece, limits).Last);
            Assert.Equal(ChunkStep.Bad, Read($"1;{new string('e', 11)}\r\nx\r\n0\r\n\r\n", piece, limits).Last);
            Assert.Equal(ChunkStep.Bad, Read($"1;{new string('e', 10)}\r\nx\r\n0;{new string('e', 6)}\r\n\r\n", piece, limits).Last);
            Assert.Equal(ChunkStep.End, Read($"0\r\nA: {new string('a', 7)}\r\nB: 456\r\n\r\n", piece, limits).Last);
            Assert.Equal(ChunkStep.Bad, Read($"0\r\nA: {new string('a', 7)}\r\nB: 4567\r\n\r\n", piece, limits).Last);
            Assert.Equal(ChunkStep.Bad, Read($"0\r\nHost: {new string('a', 13)}\r\n\r\n", piece, limits).Last);
        }
    }

    [Fact]
    public void After_the_end_nothing_is_taken_until_a_new_body_begins()
    {
        var reader = new ChunkedReader(HeadLimits.Default);
        Assert.Equal(ChunkStep.End, reader.Next("0\r\nA: 1\r\n\r\nGET /"u8, out var taken, out _));
        Assert.Equal(11, taken);
        Assert.Equal(ChunkStep.End, reader.Next("GET /"u8, out taken, out _));
        Assert.Equal(0, taken);
        reader.Reset();
        Assert.Equal(ChunkStep.Bad, reader.Next("GET /"u8, out _, out _));
        Assert.Equal(ChunkStep.Bad, reader.Next("0\r\n\r\n"u8, out taken, out _));
        Assert.Equal(0, taken);
        reader.Reset();
        Assert.Equal(ChunkStep.End, reader.Next("0\r\n\r\n"u8, out _, out _));
        Assert.True(reader.Trailers.IsEmpty);
    }
}
