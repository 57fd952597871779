using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

public class RequestHeadTests
{
    [Fact]
    public void A_head_tells_its_parts()
    {
        const string text = "POST /a?b=c HTTP/1.1\r\nHost: App.example.com.:8080\r\nContent-Length: 10\r\nX-Request-Id: abcDEF0123456789+/=-\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nAccept: application/json\r\nExpect: 100-Continue\r\n\r\n0123456789";
        var head = Request(text);
        Assert.Equal("POST", Text(head.Method, text));
        Assert.Equal("/a?b=c", Text(head.Target, text));
        Assert.Equal("/a?b=c", Text(head.Path, text));
        Assert.Equal("App.example.com.:8080", Text(head.Host, text));
        Assert.Equal("App.example.com", Text(head.HostName, text));
        Assert.Equal("abcDEF0123456789+/=-", Text(head.RequestId, text));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Text(head.TraceParent, text));
        Assert.Equal(new BodyFraming(BodyKind.Length, 10), head.Body);
        Assert.Equal(Expectation.Continue, head.Expect);
        Assert.Equal(text.Length - 10, head.Length);
        Assert.True(head.KeepAlive);
        Assert.True(head.AcceptsJson);
        Assert.False(head.IsHead);
        Assert.False(head.IsHttp10);
        Assert.False(head.IsReplayable);
        Assert.True(head.TryGetHeader(Bytes(text), "ACCEPT"u8, out var accept));
        Assert.Equal("application/json", Text(accept, text));
        Assert.False(head.TryGetHeader(Bytes(text), "Accep"u8, out _));
    }

    [Fact]
    public void A_dyno_gets_the_headers_that_pass_in_order_and_ours_behind_them()
    {
        const string text = "POST http://a.test/x?y=1#z HTTP/1.0\r\nHost: A.test\r\nVia: 1.0 one\r\nUser-Agent: t\r\nX-Forwarded-For: 1.1.1.1\r\nCookie: a=1\r\nCookie: b=2\r\n"
            + "X-Forwarded-For: 2.2.2.2\r\nContent-Length: 003\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nX-Name:  caf\u00c3\u00a9 \r\nX_Forwarded_Proto: https\r\nVia: 1.1 two\r\n\r\n";
        Assert.Equal(
            "POST /x?y=1 HTTP/1.1\r\nHost: A.test\r\nUser-Agent: t\r\nCookie: a=1\r\nCookie: b=2\r\nX-Name:  caf\u00c3\u00a9 \r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 127.0.0.1\r\n"
            + "X-Forwarded-Proto: http\r\nX-Forwarded-Port: 8080\r\nX-Request-Id: 01234567-89ab-4cde-8f01-23456789abcd\r\nX-Request-Start: 1700000000123\r\n"
            + "Via: 1.0 one, 1.1 two, 1.1 paas-router\r\nContent-Length: 3\r\n",
            ToDyno(text, whole: true));
    }

    [Fact]
    public void A_head_that_comes_byte_by_byte_is_the_same_head()
    {
        var text = Bytes("\r\nGET /a HTTP/1.1\r\nHost: a.test\r\nX: 1\r\n\r\nGET /b");
        var head = new RequestHead();
        for (var length = 0; length < text.Length - 6; length++)
        {
            Assert.Equal(ReadResult.NeedMore, head.Read(text.AsSpan(0, length), HeadLimits.Default));
        }

        Assert.Equal(ReadResult.Done, head.Read(text, HeadLimits.Default));
        Assert.Equal(text.Length - 6, head.Length);
    }

    [Fact]
    public void A_head_is_used_again_without_a_trace_of_the_one_before()
    {
        var head = new RequestHead();
        Assert.Equal(ReadResult.Done, head.Read("HEAD / HTTP/1.0\r\nHost: a\r\nConnection: close, x-a, upgrade\r\nUpgrade: x\r\nExpect: y\r\nTE: z\r\n\r\n"u8, HeadLimits.Default));
        Assert.Equal(ReadResult.Refused, head.Read("x\r\n"u8, HeadLimits.Default));
        Assert.Equal(ReadResult.NeedMore, head.Read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"u8, HeadLimits.Default));
        head.Reset();
        Assert.Equal(ReadResult.Done, head.Read("GET / HTTP/1.1\r\nHost: b\r\nX-A: 1\r\n\r\n"u8, HeadLimits.Default));
        Assert.Equal((default, Expectation.None, true, true, false, false), (head.Body, head.Expect, head.KeepAlive, head.IsReplayable, head.IsHead, head.IsHttp10));
        Assert.True(head.Upgrade.IsEmpty);
        Assert.Null(head.Refusal);
        using var output = new ByteBuffer();
        head.WriteForwardedFor(output, "GET / HTTP/1.1\r\nHost: b\r\nX-A: 1\r\n\r\n"u8, "::1"u8);
        Assert.Equal("::1", Text(output.Written));
    }
}
