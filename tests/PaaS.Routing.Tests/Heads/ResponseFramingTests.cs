using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

/// <summary>What a dyno's response is taken for, and what is an error of the dyno: H17 or H25.</summary>
public class ResponseFramingTests
{
    private const string Start = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData("", "UntilClose", 0, true)]
    [InlineData("Content-Length: 5\r\n", "Length", 5, true)]
    [InlineData("Content-Length: 5 \t\r\n", "Length", 5, true)]
    [InlineData("Content-Length: 5\r\nX: 1\r\ncontent-length: 5\r\n", "Length", 5, true)]
    [InlineData("Transfer-Encoding: chunked\r\n", "Chunked", 0, true)]
    [InlineData("Transfer-Encoding: Chunked \r\n", "Chunked", 0, true)]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Chunked", 0, false)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Chunked", 0, false)]
    [InlineData("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "Length", 3, false)]
    [InlineData("Transfer-Encoding: identity\r\n", "UntilClose", 0, false)]
    [InlineData("Content-Length: 5\r\nConnection: close\r\n", "Length", 5, false)]
    [InlineData("Content-Length: 5\r\nConnection: y, Close\r\n", "Length", 5, false)]
    [InlineData("Content-Length: 5\r\nConnection: keep-alive\r\n", "Length", 5, true)]
    public void A_body_is_framed_in_one_way(string lines, string framing, long length, bool keepAlive)
    {
        var head = Response(Start + lines + "\r\n");
        Assert.Equal((new BodyFraming(Enum.Parse<BodyKind>(framing), length), keepAlive), (head.Body, head.KeepAlive));
        Assert.False(Response(Start.Replace("1.1", "1.0", StringComparison.Ordinal) + lines + "\r\n").KeepAlive);
        foreach (var (own, written) in new[] { (new BodyFraming(BodyKind.Length, 7), "Content-Length: 7"), (new BodyFraming(BodyKind.Chunked), "Transfer-Encoding: chunked"), (default, "") })
        {
            var expected = Start + "X: 1\r\nVia: 1.1 paas-router\r\n" + (written.Length > 0 ? written + "\r\n" : "") + "\r\n";
            Assert.Equal(expected, ToClient(Start + lines.Replace("X: 1\r\n", "", StringComparison.Ordinal) + "X: 1\r\n\r\n", framing: own, date: ""));
        }
    }

    [Theory]
    [InlineData("Content-Length: 430000\r\n", "Content-Length: 430000\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 005\r\n", "Content-Length: 5\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Transfer-Encoding: chunked\r\n")]
    [InlineData("", "")]
    public void HEAD_and_304_relay_how_a_body_would_be_framed(string lines, string relayed) =>
        Assert.Equal($"{Start}Via: 1.1 paas-router\r\n{relayed}\r\n", ToClient(Start + lines + "\r\n", relaysFraming: true, date: ""));

    [Theory]
    [InlineData("5\r\nContent-Length: 4")]
    [InlineData("5,4")]
    [InlineData("5,5")]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("+5")]
    [InlineData("-5")]
    [InlineData("0x5")]
    [InlineData("5;")]
    [InlineData("9223372036854775808")]
    [InlineData("abc\r\nTransfer-Encoding: chunked")]
    public void What_is_not_one_length_is_H25(string value) => Assert.Same(RouterError.InvalidContentLength, ResponseError($"{Start}Content-Length: {value}\r\n\r\n"));

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20x OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200\tOK\r\n\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 \r\n\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.2 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\n\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\rK\r\n\r\n")]
    [InlineData(Start + "X-A: one\r\n two\r\n\r\n")]
    [InlineData(Start + " X-A: one\r\n\r\n")]
    [InlineData(Start + "X-A : one\r\n\r\n")]
    [InlineData(Start + "X A: one\r\n\r\n")]
    [InlineData(Start + ": one\r\n\r\n")]
    [InlineData(Start + "nocolon\r\n\r\n")]
    [InlineData(Start + "X-A: a\0b\r\n\r\n")]
    [InlineData(Start + "X-A: a\rb\r\n\r\n")]
    [InlineData(Start + "X-A: a\nb: c\r\n\r\n")]
    [InlineData(Start + "Transfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData(Start + "Transfer-Encoding: gzip\r\n\r\n")]
    [InlineData(Start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(Start + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(Start + "Transfer-Encoding:\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n")]
    public void What_can_not_be_read_is_H17(string text) => Assert.Same(RouterError.PoorlyFormattedResponse, ResponseError(text));

    [Theory]
    [InlineData("HTTP/1.1 666 THE NUMBER OF THE BEAST", 666, "HTTP/1.1 666 THE NUMBER OF THE BEAST")]
    [InlineData("HTTP/1.1 421", 421, "HTTP/1.1 421 ")]
    [InlineData("HTTP/1.1 421 ", 421, "HTTP/1.1 421 ")]
    [InlineData("HTTP/1.0 200 OK", 200, "HTTP/1.1 200 OK")]
    [InlineData("HTTP/1.0 200", 200, "HTTP/1.1 200 ")]
    [InlineData("HTTP/1.1 999 na\u00c3\u00afve \t ", 999, "HTTP/1.1 999 na\u00c3\u00afve \t ")]
    public void Status_and_reason_are_relayed(string line, int status, string written)
    {
        Assert.Equal(status, Response(line + "\r\n\r\n").Status);
        Assert.StartsWith(written + "\r\nX: 1\r\nVia: ", ToClient(line + "\r\nX: 1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_is_added_where_there_is_none()
    {
        Assert.Contains("\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n", ToClient(Start + "\r\n"), StringComparison.Ordinal);
        Assert.Equal($"{Start}date: x\r\nVia: 1.1 paas-router\r\n\r\n", ToClient(Start + "date: x\r\n\r\n"));
        Assert.Equal($"{Start}Date: x\r\nVia: 1.1 paas-router\r\n\r\n", ToClient(Start + "Date: x\r\nConnection: date, via, set-cookie\r\n\r\n"));
    }

    [Theory]
    [InlineData("Keep-Alive: timeout=5", 5)]
    [InlineData("Keep-Alive: max=100, Timeout=7", 7)]
    [InlineData("Keep-Alive: timeout=99999999999", int.MaxValue)]
    [InlineData("Keep-Alive: timeout=", null)]
    [InlineData("Keep-Alive: timeout=-1", null)]
    [InlineData("Keep-Alive: timeout=x", null)]
    [InlineData("Keep-Alive: 5", null)]
    [InlineData("X: 1", null)]
    public void A_dyno_says_how_long_it_keeps_a_connection(string line, int? seconds) => Assert.Equal(seconds, Response($"{Start}{line}\r\n\r\n").KeepAliveSeconds);

    [Fact]
    public void The_routers_word_on_the_connection_is_the_only_one()
    {
        const string text = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade, x-hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\nSec-WebSocket-Accept: x\r\n\r\n";
        const string start = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nVia: 1.1 paas-router\r\n";
        Assert.Equal($"{start}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", ToClient(text, ConnectionWord.Upgrade, date: ""));
        Assert.Equal($"{start}Connection: close\r\n\r\n", ToClient(text, ConnectionWord.Close, date: ""));
        Assert.Equal($"{start}Connection: keep-alive\r\n\r\n", ToClient(text, ConnectionWord.KeepAlive, date: ""));
        Assert.Equal($"{start}\r\n", ToClient(text, date: ""));
    }
}
