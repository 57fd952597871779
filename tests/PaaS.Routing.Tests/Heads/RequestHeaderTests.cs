using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

/// <summary>Which headers of a request reach a dyno (Heroku: HTTP Routing; RFC 9110, 7.6).</summary>
public class RequestHeaderTests
{
    private const string Start = "GET / HTTP/1.1\r\nHost: a.test\r\n";

    [Theory]
    [InlineData("Connection: keep-alive")]
    [InlineData("keep-alive: timeout=213")]
    [InlineData("TE: deflate")]
    [InlineData("te: trailers")]
    [InlineData("Proxy-Connection: keep-alive")]
    [InlineData("prOxy-Authorization: whatever")]
    [InlineData("Upgrade: websocket")]
    [InlineData("HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")]
    [InlineData("X-Forwarded-For: 1.1.1.1")]
    [InlineData("X-Forwarded-Proto: https")]
    [InlineData("x-forwarded-proto: https")]
    [InlineData("X-Forwarded-Port: 443")]
    [InlineData("X-Request-Id: abcdefghijklmnopqrstuvwxyz")]
    [InlineData("X-REQUEST-START: 1")]
    [InlineData("Connect-Time: 987654")]
    [InlineData("Total-Route-Time: 987654")]
    [InlineData("Via: 1.1 proxy")]
    [InlineData("Expect: 100-continue")]
    [InlineData("Expect: whatever")]
    [InlineData("X_Forwarded_For: 1.1.1.1")]
    [InlineData("X_Forwarded-Proto: https")]
    [InlineData("X-Forwarded_Port: 443")]
    [InlineData("x_request_id: abc")]
    [InlineData("X_Request_Start: 1")]
    [InlineData("Connect_Time: 1")]
    [InlineData("Total_Route-Time: 1")]
    [InlineData("Content_Length: 5")]
    [InlineData("Transfer_Encoding: chunked")]
    [InlineData("Keep_Alive: 1")]
    [InlineData("Proxy_Connection: x")]
    [InlineData("Proxy_Authorization: x")]
    [InlineData("HTTP2_Settings: x")]
    public void What_belongs_to_the_connection_or_is_the_routers_own_does_not_pass(string line) =>
        Assert.Equal($"{Start}X-A: 1\r\nX-B: 2\r\n", ToDyno($"{Start}X-A: 1\r\n{line}\r\nX-B: 2\r\n{line}\r\n\r\n"));

    [Theory]
    [InlineData("Trailer: some-header")]
    [InlineData("X-Forwarded-Host: h")]
    [InlineData("X-Forwarded-By: h")]
    [InlineData("X_Forwarded_Host: h")]
    [InlineData("Forwarded: for=1.1.1.1")]
    [InlineData("X-Forwarded-Forx: 1")]
    [InlineData("X-Real-Ip: 1.1.1.1")]
    [InlineData("X_Custom_Header: 1")]
    [InlineData("X-Empty:")]
    [InlineData("X-Name:\tcaf\u00c3\u00a9  ")]
    [InlineData("Cookie: a=1")]
    [InlineData("Authorization: Basic x")]
    [InlineData("Accept: text/html")]
    [InlineData("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("tracestate: x=1")]
    [InlineData("Content-Type: text/plain")]
    [InlineData("Accept-Encoding: gzip")]
    [InlineData("If-None-Match: x")]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("a: 1")]
    [InlineData("vie: 1")]
    [InlineData("tee: 1")]
    public void Every_other_line_passes_as_it_is_and_where_it_is(string line) =>
        Assert.Equal($"{Start}X-A: 1\r\n{line}\r\nX-B: 2\r\n{line}\r\n", ToDyno($"{Start}X-A: 1\r\n{line}\r\nTE: x\r\nX-B: 2\r\n{line}\r\n\r\n"));

    [Theory]
    [InlineData("x-hop", "X-Hop: secret\r\n", "")]
    [InlineData("close, x-hop", "X-Keep: 1\r\nX-Hop: secret\r\nx-hop: 2\r\n", "X-Keep: 1\r\n")]
    [InlineData("keep-alive,,  X-A ,\tx-b\t", "X-A: 1\r\nX-C: 2\r\nX-B: 3\r\n", "X-C: 2\r\n")]
    [InlineData("x-hop\r\nX-A: 1\r\nConnection: x-b", "X-Hop: secret\r\nX-B: 1\r\n", "X-A: 1\r\n")]
    [InlineData("x-forwarded-host, accept", "X-Forwarded-Host: h\r\nAccept: x\r\n", "")]
    [InlineData("host, cookie, authorization, accept-x", "Cookie: a=b\r\nAuthorization: x\r\nTE: x\r\n", "Cookie: a=b\r\nAuthorization: x\r\n")]
    [InlineData("x-a;q=1, \"x-a\", x-a=1", "X-A: 1\r\n", "X-A: 1\r\n")]
    [InlineData("traceparent", "traceparent: 1\r\n", "traceparent: 1\r\n")]
    public void Headers_that_Connection_names_do_not_pass_but_those_that_route_or_authenticate_do(string connection, string lines, string passed) =>
        Assert.Equal($"{Start}{passed}", ToDyno($"{Start}Connection: {connection}\r\n{lines}\r\n"));

    [Fact]
    public void Naming_what_the_router_owns_has_no_effect()
    {
        var written = ToDyno(
            $"{Start}Connection: close, x-forwarded-for, x-request-id, x-forwarded-proto, via, content-length, transfer-encoding\r\nX-Forwarded-For: 9.9.9.9\r\nVia: 1.1 x\r\n"
            + "Content-Length: 5\r\n\r\n", whole: true);
        Assert.Contains("\r\nX-Forwarded-For: 9.9.9.9, 127.0.0.1\r\n", written, StringComparison.Ordinal);
        Assert.Contains("\r\nVia: 1.1 x, 1.1 paas-router\r\n", written, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 5\r\n", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("X-Forwarded-For: 10.0.0.1\r\n", "10.0.0.1, 127.0.0.1")]
    [InlineData("X-Forwarded-For: \r\n", "127.0.0.1")]
    [InlineData("x-forwarded-for: 1.1.1.1\r\nX-Other: x\r\nX-Forwarded-For:\r\nX-Forwarded-For:  2.2.2.2, 3.3.3.3 \r\n", "1.1.1.1, 2.2.2.2, 3.3.3.3, 127.0.0.1")]
    public void The_peer_stands_behind_what_the_client_says_it_came_through(string lines, string expected)
    {
        var text = $"{Start}{lines}\r\n";
        Assert.Contains($"\r\nX-Forwarded-For: {expected}\r\nX-Forwarded-Proto: http\r\n", ToDyno(text, whole: true), StringComparison.Ordinal);
        using var output = new ByteBuffer();
        Request(text).WriteForwardedFor(output, Bytes(text), "127.0.0.1"u8);
        Assert.Equal(expected, Text(output.Written));
    }

    [Fact]
    public void What_the_router_says_comes_from_the_connection()
    {
        var written = ToDyno("GET / HTTP/1.1\r\nHost: a:443\r\nX-Forwarded-Proto: http\r\n\r\n", whole: true, isTls: true, traceParent: "00-x");
        Assert.EndsWith(
            "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 8080\r\nX-Request-Id: 01234567-89ab-4cde-8f01-23456789abcd\r\n"
            + "X-Request-Start: 1700000000123\r\nVia: 1.1 paas-router\r\ntraceparent: 00-x\r\n", written, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_optional_can_be_switched()
    {
        Assert.Equal(Start, ToDyno($"{Start}X-Forwarded-Host: h\r\nX-Forwarded-By: b\r\nX_Forwarded_Host: h\r\n\r\n", dropForwardedHost: true));
        Assert.Equal(Start, ToDyno($"{Start}traceparent: 1\r\nTraceParent: 2\r\n\r\n", traceParent: "00-x"));
        const string upload = $"{Start}Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
        Assert.Contains("\r\nExpect: 100-continue\r\n", ToDyno(upload, whole: true, passExpect: true), StringComparison.Ordinal);
        Assert.DoesNotContain("Expect", ToDyno(upload, whole: true), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("abcDEF0123456789+/=-", true)]
    [InlineData("abcdefghijklmnopqrs", false)]
    [InlineData("testid??-with-enough-length", false)]
    [InlineData("abcdefghijklmno pqrstuvwxyz", false)]
    [InlineData("abcdefghijklmno\u00e9pqrstuvwxyz", false)]
    [InlineData("", false)]
    public void A_request_id_in_order_is_kept(string id, bool isKept)
    {
        var text = $"{Start}x-request-id: {id} \r\n\r\n";
        Assert.Equal(isKept ? id : "", Text(Request(text).RequestId, text));
    }

    [Fact]
    public void A_request_id_has_at_most_200_characters_and_one_line()
    {
        var id = new string('a', 200);
        Assert.Equal(200, Request($"{Start}X-Request-Id: {id}\r\n\r\n").RequestId.Length);
        Assert.Equal(0, Request($"{Start}X-Request-Id: {id}a\r\n\r\n").RequestId.Length);
        Assert.Equal(0, Request($"{Start}X-Request-Id: {id}\r\nX-Request-Id: {id}\r\n\r\n").RequestId.Length);
        Assert.Equal(0, Request($"{Start}traceparent: a\r\ntraceparent: a\r\n\r\n").TraceParent.Length);
    }

    [Theory]
    [InlineData("HTTP/1.1", "", true)]
    [InlineData("HTTP/1.1", "Connection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: x, CLOSE\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: closed\r\n", true)]
    [InlineData("HTTP/1.0", "", false)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive\r\n", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive, close\r\n", false)]
    public void The_client_says_whether_its_connection_stays(string version, string lines, bool stays) =>
        Assert.Equal(stays, Request($"GET / {version}\r\nHost: a\r\n{lines}\r\n").KeepAlive);

    [Theory]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "websocket")]
    [InlineData("HTTP/1.1", "Connection: keep-alive, UPGRADE\r\nupgrade:  foo/2, bar \r\n", "foo/2, bar")]
    [InlineData("HTTP/1.1", "Connection: upgrade\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: upgrade\r\nUpgrade:\r\n", "")]
    [InlineData("HTTP/1.1", "Upgrade: websocket\r\n", "")]
    [InlineData("HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: h2c/1\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: web socket\r\n", "")]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: a/\r\n", "")]
    public void An_upgrade_passes_unless_it_is_another_HTTP(string version, string lines, string upgrade)
    {
        var text = $"GET / {version}\r\nHost: a\r\n{lines}\r\n";
        var head = Request(text);
        Assert.Equal(upgrade, Text(head.Upgrade, text));
        Assert.Equal(upgrade.Length == 0, head.IsReplayable);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nExpect: 100-continue\r\n", "Continue")]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked\r\nexpect: 100-Continue\r\nExpect:\r\n", "Continue")]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nExpect: whatever\r\n", "Unknown")]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nExpect: 100 continue\r\n", "Unknown")]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nExpect: x\r\nExpect: 100-continue\r\n", "Unknown")]
    [InlineData("HTTP/1.1", "Content-Length: 3\r\nExpect: 100-continue, 100-continue\r\n", "Unknown")]
    [InlineData("HTTP/1.1", "Expect: whatever\r\n", "Unknown")]
    [InlineData("HTTP/1.1", "Expect:\r\n", "None")]
    [InlineData("HTTP/1.1", "Expect: 100-continue\r\n", "None")]
    [InlineData("HTTP/1.1", "Content-Length: 0\r\nExpect: 100-continue\r\n", "None")]
    [InlineData("HTTP/1.0", "Content-Length: 3\r\nExpect: 100-continue\r\n", "None")]
    public void An_expectation_is_told_where_a_body_is_to_come(string version, string lines, string expected) =>
        Assert.Equal(expected, Request($"POST / {version}\r\nHost: a\r\n{lines}\r\n").Expect.ToString());

    [Theory]
    [InlineData("GET", "", true)]
    [InlineData("HEAD", "Content-Length: 0\r\n", true)]
    [InlineData("OPTIONS", "", true)]
    [InlineData("TRACE", "", true)]
    [InlineData("GET", "Content-Length: 3\r\n", false)]
    [InlineData("GET", "Transfer-Encoding: chunked\r\n", false)]
    [InlineData("get", "", false)]
    [InlineData("POST", "", false)]
    [InlineData("PUT", "", false)]
    [InlineData("DELETE", "", false)]
    [InlineData("PATCH", "Idempotency-Key: x\r\n", false)]
    public void Only_what_asks_and_brings_nothing_may_be_sent_again(string method, string lines, bool may)
    {
        var head = Request($"{method} / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
        Assert.Equal((may, method == "HEAD"), (head.IsReplayable, head.IsHead));
    }

    [Theory]
    [InlineData("Accept: application/json\r\n", true)]
    [InlineData("Accept: text/plain, Application/JSON ;q=0.5\r\n", true)]
    [InlineData("accept: x/y\r\nAccept: application/json\r\n", true)]
    [InlineData("Accept: application/json, text/html;q=0.1\r\n", false)]
    [InlineData("Accept: application/json\r\nAccept: text/html\r\n", false)]
    [InlineData("Accept: text/html, application/json\r\n", false)]
    [InlineData("Accept: application/json5\r\n", false)]
    [InlineData("Accept: */*\r\n", false)]
    [InlineData("", false)]
    public void An_error_is_told_in_JSON_to_who_accepts_it_and_not_HTML(string lines, bool accepts) => Assert.Equal(accepts, Request($"{Start}{lines}\r\n").AcceptsJson);
}
