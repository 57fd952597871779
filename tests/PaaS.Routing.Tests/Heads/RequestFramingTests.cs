using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

/// <summary>What a request's head says about its body, and what is refused so that nobody can take it for two different messages (RFC 9112, 5 to 7).</summary>
public class RequestFramingTests
{
    private const string Start = "POST / HTTP/1.1\r\nHost: a.test\r\n";

    [Theory]
    [InlineData("", "None", 0)]
    [InlineData("Content-Length: 0\r\n", "Length", 0)]
    [InlineData("Content-Length:10\r\n", "Length", 10)]
    [InlineData("CONTENT-LENGTH: \t10 \t\r\n", "Length", 10)]
    [InlineData("content-length: 10\r\nX: 1\r\ncontent-length: 10\r\n", "Length", 10)]
    [InlineData("Content-Length: 9223372036854775807\r\n", "Length", long.MaxValue)]
    [InlineData("Content-Length: 00000000000000000000000010\r\n", "Length", 10)]
    [InlineData("Transfer-Encoding: chunked\r\n", "Chunked", 0)]
    [InlineData("transfer-encoding:CHUNKED \r\n", "Chunked", 0)]
    public void A_body_is_framed_in_one_way(string lines, string framing, long length)
    {
        var kind = Enum.Parse<BodyKind>(framing);
        var head = Request(Start + lines + "\r\n");
        Assert.Equal(new BodyFraming(kind, length), head.Body);
        Assert.True(head.KeepAlive);
        var written = ToDyno(Start + lines + "\r\n", whole: true);
        Assert.Equal(kind == BodyKind.Length ? 1 : 0, Count(written, $"\r\nContent-Length: {length}\r\n"));
        Assert.Equal(kind == BodyKind.Chunked ? 1 : 0, Count(written, "\r\nTransfer-Encoding: chunked\r\n"));
        Assert.Equal(kind == BodyKind.Length ? 1 : 0, Count(written.ToLowerInvariant(), "content-length"));
        Assert.Equal(kind == BodyKind.Chunked ? 1 : 0, Count(written.ToLowerInvariant(), "transfer-encoding"));
    }

    [Theory]
    [InlineData("Content-Length: 10\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 10\r\n")]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n")]
    public void With_both_framings_the_chunks_count_and_the_connection_ends(string lines)
    {
        var head = Request(Start + lines + "\r\n");
        Assert.Equal(new BodyFraming(BodyKind.Chunked), head.Body);
        Assert.False(head.KeepAlive);
        Assert.DoesNotContain("content-length", ToDyno(Start + lines + "\r\n", whole: true), StringComparison.OrdinalIgnoreCase);
        Assert.Same(Refusals.BothFramings, Refused(Start + lines + "\r\n", HeadLimits.Default with { RefusesBothFramings = true }));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("xchunked")]
    [InlineData("chunked, identity")]
    [InlineData("gzip, chunked")]
    [InlineData("chunked, chunked")]
    [InlineData(",")]
    [InlineData("")]
    [InlineData("chunked,")]
    [InlineData("chunked;q=1")]
    [InlineData("\u000bchunked")]
    [InlineData("chunked\u000b")]
    [InlineData("\"chunked\"")]
    [InlineData("chunk ed")]
    [InlineData("chunked\u00a0")]
    public void Another_transfer_encoding_is_refused(string value) =>
        Assert.Equal((400, Refusals.TransferEncoding), (Refused($"{Start}Transfer-Encoding: {value}\r\n\r\n").Status, Refused($"{Start}Transfer-Encoding: {value}\r\n\r\n")));

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")]
    public void Two_transfer_encodings_are_refused(string lines) => Assert.Same(Refusals.TransferEncoding, Refused(Start + lines + "\r\n"));

    [Fact]
    public void Transfer_encoding_in_HTTP_1_0_is_refused() =>
        Assert.Same(Refusals.TransferEncoding, Refused("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));

    [Theory]
    [InlineData("+5")]
    [InlineData("-1")]
    [InlineData("0x5")]
    [InlineData("5 5")]
    [InlineData("")]
    [InlineData("18446744073709551621")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999")]
    [InlineData("5;")]
    [InlineData("5.0")]
    [InlineData("5e1")]
    [InlineData("10,10")]
    [InlineData("10, 10")]
    [InlineData("\u00d9\u00a5")]
    [InlineData("\u000b5")]
    [InlineData("\"5\"")]
    public void What_is_not_one_number_is_refused(string value)
    {
        Assert.Same(Refusals.ContentLength, Refused($"{Start}Content-Length: {value}\r\n\r\n"));
        Assert.Same(Refusals.ContentLength, Refused($"{Start}Transfer-Encoding: chunked\r\nContent-Length: {value}\r\n\r\n"));
    }

    [Fact]
    public void Two_lengths_that_differ_are_refused() => Assert.Same(Refusals.ContentLength, Refused(Start + "Content-Length: 5\r\nContent-Length: 11\r\n\r\n"));

    [Theory]
    [InlineData("Transfer-Encoding : chunked\r\n")]
    [InlineData("Transfer-Encoding\t: chunked\r\n")]
    [InlineData("X-A: one\r\n two\r\n")]
    [InlineData("X-A: one\r\n\ttwo\r\n")]
    [InlineData(" X-A: 1\r\n")]
    [InlineData("X Y: 1\r\n")]
    [InlineData("NoColonHere\r\n")]
    [InlineData("X-A: a\0b\r\n")]
    [InlineData("X-A: a\rb\r\n")]
    [InlineData("X-A: a\r\r\n")]
    [InlineData("X-A: 1\nX-B: 2\r\n")]
    [InlineData("X(A): 1\r\n")]
    [InlineData("X\u00e9: 1\r\n")]
    [InlineData("X\0: 1\r\n")]
    [InlineData("X\u007f: 1\r\n")]
    [InlineData("\"X\": 1\r\n")]
    [InlineData(": x\r\n")]
    [InlineData("\n")]
    [InlineData("\r\r\n")]
    public void Lines_that_two_readers_may_take_differently_are_refused(string lines) => Assert.Same(Refusals.Line, Refused(Start + lines + "\r\n"));

    [Fact]
    public void All_bytes_but_those_that_end_lines_pass_in_a_value()
    {
        var value = string.Concat(Enumerable.Range(1, 255).Where(b => b is not ('\r' or '\n')).Select(b => (char)b));
        Assert.Equal($"{Start}X-A: {value}.\r\n", ToDyno($"{Start}X-A: {value}.\r\n\r\n"));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
