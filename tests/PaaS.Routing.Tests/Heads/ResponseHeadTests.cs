using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

public class ResponseHeadTests
{
    [Fact]
    public void A_head_tells_its_parts()
    {
        const string text = "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 5 \r\nKeep-Alive: timeout=5, max=100\r\nUpgrade: tea\r\n\r\nhello";
        var head = Response(text);
        Assert.Equal(418, head.Status);
        Assert.Equal("I'm a teapot", Text(head.Reason, text));
        Assert.Equal(new BodyFraming(BodyKind.Length, 5), head.Body);
        Assert.Equal(5, head.KeepAliveSeconds);
        Assert.Equal("tea", Text(head.Upgrade, text));
        Assert.Equal(text.Length - 5, head.Length);
        Assert.True(head.KeepAlive);
        Assert.False(head.IsHttp10);
    }

    [Fact]
    public void A_client_gets_the_headers_that_pass_in_order_and_ours_behind_them()
    {
        const string text = "HTTP/1.0 666 THE NUMBER\r\nServer: mine/1\r\nVia: 1.1 bproxy\r\nSet-Cookie: a=1; Path=/\r\nConnection: close, x-bhop\r\nX-Bhop: 1\r\nSet-Cookie: b=2\r\n"
            + "Keep-Alive: timeout=1\r\nTE: x\r\nProxy-Authorization: x\r\nProxy-Connection: x\r\nUpgrade: x\r\nContent-Length: 5\r\nContent-Length: 5\r\nX-A: na\u00c3\u00afve\r\n\r\n";
        Assert.Equal(
            "HTTP/1.1 666 THE NUMBER\r\nServer: mine/1\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nX-A: na\u00c3\u00afve\r\nVia: 1.1 bproxy, 1.1 paas-router\r\n"
            + "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
            ToClient(text, ConnectionWord.KeepAlive, new BodyFraming(BodyKind.Length, 5)));
        Assert.False(Response(text).KeepAlive);
    }

    [Fact]
    public void The_headers_that_pass_are_listed_one_by_one()
    {
        const string text = "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 5\r\nConnection: x-hop\r\nX-Hop: 1\r\nSet-Cookie: a\r\nset-cookie:  b \r\nVia: 1.1 x\r\nX-Empty:\r\n\r\n";
        var bytes = Bytes(text);
        var passing = Response(text).Passing(bytes);
        var listed = new List<string>();
        while (passing.MoveNext())
        {
            listed.Add($"{Text(passing.Name, text)}={Text(passing.Value, text)}");
        }

        Assert.Equal(["Date=d", "Set-Cookie=a", "set-cookie=b", "X-Empty="], listed);
        using var output = new ByteBuffer();
        Response(text).WriteVia(output, bytes, "1.1 us"u8);
        Assert.Equal("1.1 x, 1.1 us", Text(output.Written));
    }

    [Fact]
    public void A_head_that_comes_byte_by_byte_is_the_same_head()
    {
        var text = Bytes("HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n0");
        var head = new ResponseHead();
        for (var length = 0; length < text.Length - 1; length++)
        {
            Assert.Equal(ReadResult.NeedMore, head.Read(text.AsSpan(0, length), HeadLimits.Default));
        }

        Assert.Equal(ReadResult.Done, head.Read(text, HeadLimits.Default));
        Assert.Equal((200, text.Length - 1, true, new BodyFraming(BodyKind.Chunked)), (head.Status, head.Length, head.KeepAlive, head.Body));
        Assert.Equal("HTTP/1.1 200 \r\nVia: 1.1 paas-router\r\nTransfer-Encoding: chunked\r\n\r\n", ToClient(Text(text), framing: new(BodyKind.Chunked), date: ""));
    }
}
