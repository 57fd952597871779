using System.Globalization;
using System.Runtime.CompilerServices;

namespace PaaS.Routing.Tests;

public sealed class HeaderTestsOnConnections() : HeaderTests(Front.Connection);

public sealed class HeaderTestsOnPipelines() : HeaderTests(Front.Pipeline);

public abstract class HeaderTests(Front front) : FrontTests(front)
{
    private const string Id = "client-id-0123456789";

    [Fact]
    public async Task A_dyno_gets_the_request_with_the_routers_headers()
    {
        var seen = await SeenAsync("GET /a?b=c HTTP/1.1\r\nHost: app.example.com:8080\r\nUser-Agent: t\r\n\r\n", out var router);

        Assert.Equal("GET /a?b=c HTTP/1.1", seen.Line);
        Assert.Equal("app.example.com:8080", seen.Header("Host"));
        Assert.Equal("t", seen.Header("User-Agent"));
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal("http", seen.Header("X-Forwarded-Proto"));
        Assert.Equal(router.Value!.Port.ToString(CultureInfo.InvariantCulture), seen.Header("X-Forwarded-Port"));
        Assert.Equal("1.1 paas-router", seen.Header("Via"));
        Assert.True(Guid.TryParseExact(seen.Header("X-Request-Id"), "D", out _));
        var start = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(seen.Header("X-Request-Start")!, CultureInfo.InvariantCulture));
        Assert.InRange(start, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task The_address_is_appended_to_what_the_client_says()
    {
        var seen = await SeenAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\nVia: 1.0 fred\r\n\r\n");

        Assert.Equal(["1.1.1.1, 2.2.2.2, 3.3.3.3, 127.0.0.1"], seen.All("X-Forwarded-For"));
        Assert.Equal(["1.0 fred, 1.1 paas-router"], seen.All("Via"));
    }

    [Fact]
    public async Task An_empty_forwarded_for_counts_for_nothing()
    {
        var seen = await SeenAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nX-Forwarded-For: \r\n\r\n");

        Assert.Equal(["127.0.0.1"], seen.All("X-Forwarded-For"));
    }

    [Fact]
    public async Task What_only_the_router_may_say_is_replaced_or_removed()
    {
        var seen = await SeenAsync(
            "GET / HTTP/1.1\r\nHost: app.example.com:443\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Proto: wss\r\nX-Forwarded-Port: 987654\r\nX-Request-Start: 987654\r\n"
            + "Connect-Time: 987654\r\nTotal-Route-Time: 987654\r\nX_Forwarded_Proto: 987654\r\nx_request_id: 987654\r\nX-Forwarded-Host: passed\r\nX_Own: passed\r\n\r\n");

        Assert.DoesNotContain(seen.Headers, header => header.Value.Contains("987654", StringComparison.Ordinal));
        Assert.Equal(["http"], seen.All("X-Forwarded-Proto"));
        Assert.Equal("passed", seen.Header("X-Forwarded-Host"));
        Assert.Equal("passed", seen.Header("X_Own"));
    }

    [Fact]
    public async Task A_question_about_the_whole_server_passes()
    {
        Assert.Equal("OPTIONS * HTTP/1.1", (await SeenAsync("OPTIONS * HTTP/1.1\r\nHost: app.example.com\r\n\r\n")).Line);
    }

    [Fact]
    public async Task What_holds_for_one_connection_only_ends_at_the_router()
    {
        var seen = await SeenAsync(
            "GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: x-hop, host, cookie\r\nX-Hop: 1\r\nCookie: a=b\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Connection: close\r\n"
            + "Proxy-Authorization: secret\r\nTrailer: X-T\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nX-Stays: 1\r\n\r\n");

        foreach (var name in new[] { "X-Hop", "Keep-Alive", "TE", "Proxy-Connection", "Proxy-Authorization", "Upgrade", "HTTP2-Settings" })
        {
            Assert.Null(seen.Header(name));
        }

        Assert.Equal("app.example.com", seen.Header("Host"));
        Assert.Equal("a=b", seen.Header("Cookie"));
        Assert.Equal("X-T", seen.Header("Trailer"));
        Assert.Equal("1", seen.Header("X-Stays"));
    }

    [Fact]
    public async Task A_good_request_id_is_the_same_in_header_and_log()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        await router.GetAsync(headers: $"X-Request-Id: {Id}\r\n");

        Assert.Equal([Id], dyno.Requests.Single().All("X-Request-Id"));
        Assert.Contains($" request_id={Id} ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a/./b/../c//d%2e%2E/%zz?x=%41&y=/../&z=\"<>|", "/a/./b/../c//d%2e%2E/%zz?x=%41&y=/../&z=\"<>|")]
    [InlineData("/q?", "/q?")]
    [InlineData("/q?a=b#frag", "/q?a=b")]
    [InlineData("http://app.example.com/x?y", "/x?y")]
    [InlineData("//evil.example.com/x", "//evil.example.com/x")]
    [InlineData("/@evil.example.com:80/\\", "/@evil.example.com:80/\\")]
    public async Task The_target_passes_byte_for_byte(string target, string expected)
    {
        var seen = await SeenAsync($"GET {target} HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        Assert.Equal($"GET {expected} HTTP/1.1", seen.Line);
    }

    [Fact]
    public async Task Header_values_are_bytes_both_ways()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering("HTTP/1.1 200 OK\r\nX-Back: \u00c3\u00a9\u00ff\r\nContent-Length: 0\r\n\r\n");
        router.Up(dyno.Endpoint);

        var response = await router.GetAsync(headers: "X-Forth: \u00c3\u00a9\u00ff\r\nX-Empty: \r\n");

        Assert.Equal("\u00c3\u00a9\u00ff", dyno.Requests.Single().Header("X-Forth"));
        Assert.Equal(string.Empty, dyno.Requests.Single().Header("X-Empty"));
        Assert.Equal("\u00c3\u00a9\u00ff", response.Header("X-Back"));
    }

    [Fact]
    public async Task The_client_gets_the_dynos_head_without_what_ends_at_the_router()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering(
            "HTTP/1.1 299 Quite fine\r\nConnection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nkeep-alive: timeout=213\r\nproxy-Authorization: w\r\nProxy-Connection: close\r\n"
            + "Server: cowboy\r\nSet-Cookie: a=1; Path=/\r\nX-A: 1\r\nSet-Cookie: b=2, 3\r\nVia: 1.1 app\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
        router.Up(dyno.Endpoint);

        var response = await router.GetAsync();

        Assert.Equal("HTTP/1.1 299 Quite fine", response.Line);
        Assert.Equal("hello", response.Body);
        Assert.Equal(["a=1; Path=/", "b=2, 3"], response.All("Set-Cookie"));
        Assert.Equal("cowboy", response.Header("Server"));
        Assert.Equal("1.1 app, 1.1 paas-router", response.Header("Via"));
        Assert.Equal("text/plain", response.Header("Content-Type"));
        Assert.NotNull(response.Header("Date"));
        foreach (var name in new[] { "X-Hop", "TE", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Connection", "Transfer-Encoding" })
        {
            Assert.Null(response.Header(name));
        }
    }

    [Fact]
    public async Task A_thousand_headers_and_long_lines_pass()
    {
        var many = string.Concat(Enumerable.Range(0, 980).Select(i => $"X-{i}: {i}\r\n"));
        var seen = await SeenAsync($"GET / HTTP/1.1\r\nHost: app.example.com\r\n{many}X-Long: {new string('v', 8000)}\r\n\r\n");

        Assert.Equal("979", seen.Header("X-979"));
        Assert.Equal(8000, seen.Header("X-Long")!.Length);
    }

    [Fact]
    public async Task Any_method_passes()
    {
        foreach (var method in new[] { "PROPFIND", "DELETE", "OPTIONS", "M-SEARCH", new string('M', 127) })
        {
            var seen = await SeenAsync($"{method} / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

            Assert.Equal($"{method} / HTTP/1.1", seen.Line);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.example.com\r\nHost: app.example.com\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.example.com, x\r\n\r\n")]
    [InlineData("GET http://other.example.com/ HTTP/1.1\r\nHost: app.example.com\r\n\r\n")]
    [InlineData("CONNECT app.example.com:80 HTTP/1.1\r\nHost: app.example.com:80\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: app.example.com\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: app.example.com\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.0\r\nHost: app.example.com\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.example.com\r\nX(A): 1\r\n\r\n")]
    public async Task A_malformed_request_is_refused_its_connection_closed_and_no_dyno_sees_it(string request)
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync(request + "GET /smuggled HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        var answer = await client.ReadToCloseAsync();

        Assert.Matches("^HTTP/1.[01] (400|405|501) ", answer);
        Assert.Single(answer.Split('\n'), line => line.StartsWith("HTTP/1.", StringComparison.Ordinal));
        Assert.Equal(0, dyno.Connections);
        Assert.Equal(0, router.Logs.LastNumber);
    }

    [Fact]
    public async Task Limits_of_the_head_are_kept()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        Assert.Equal(431, (await router.GetAsync(headers: $"X: {new string('v', 8190)}\r\n")).Status);
        Assert.Equal(431, (await router.GetAsync(headers: $"{new string('n', 1001)}: v\r\n")).Status);
        Assert.Equal(200, (await router.GetAsync(headers: $"{new string('n', 1000)}: v\r\n")).Status);
        Assert.Equal(414, (await router.GetAsync("/" + new string('p', 8192))).Status);
        Assert.Equal(200, (await router.GetAsync("/" + new string('p', 7980))).Status);
        Assert.Equal(400, (await router.SendAsync($"{new string('M', 128)} / HTTP/1.1\r\nHost: app.example.com\r\n\r\n")).Status);
    }

    private Task<RawResponse> SeenAsync(string request) => SeenAsync(request, out _);

    /// <summary>Sends a request through a router and gives what the dyno saw of it.</summary>
    private Task<RawResponse> SeenAsync(string request, out StrongBox<RouterUnderTest> used)
    {
        var box = used = new StrongBox<RouterUnderTest>();
        return Run();

        async Task<RawResponse> Run()
        {
            await using var router = box.Value = await StartAsync();
            await using var dyno = RawDyno.Hello();
            router.Up(dyno.Endpoint);
            Assert.Equal(200, (await router.SendAsync(request)).Status);
            return dyno.Requests.Single();
        }
    }
}
