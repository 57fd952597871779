namespace PaaS.Routing.Tests;

public sealed class DynoFailureTestsOnConnections() : DynoFailureTests(Front.Connection);

public sealed class DynoFailureTestsOnPipelines() : DynoFailureTests(Front.Pipeline);

public abstract class DynoFailureTests(Front front) : FrontTests(front)
{
    [Fact]
    public async Task A_dyno_that_refuses_is_left_for_another()
    {
        await using var router = await StartAsync(selector: new FirstSelector());
        await using var good = RawDyno.Hello("web.2");
        router.Up(RawDyno.Refusing(), good.Endpoint);

        Assert.Equal("hello", (await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 4\r\n\r\nbody")).Body);

        Assert.Equal("body", good.Requests.Single().Body);
        Assert.Matches("^at=info .* dyno=web.2 connect=[0-9]+ms service=[0-9]+ms status=200 bytes=5 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task When_all_refuse_each_is_tried_once_and_the_answer_is_H21()
    {
        var selector = new CountingSelector();
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.Zero }, selector);
        router.Up([.. Enumerable.Range(1, 4).Select(i => RawDyno.Refusing($"web.{i}"))]);

        Assert.Equal(503, (await router.GetAsync()).Status);

        Assert.Matches("^at=error code=H21 desc=\"Backend connection refused\" .* dyno=web\\.[1-4] connect=[0-9]+ms service= status=503 ", await router.NextLineAsync());
        Assert.Equal(4, selector.Chosen.Count);
        Assert.Equal(4, selector.Chosen.Distinct().Count());
    }

    [Fact]
    public async Task No_more_than_ten_dynos_are_tried()
    {
        var selector = new CountingSelector();
        await using var router = await StartAsync(selector: selector);
        router.Up([.. Enumerable.Range(1, 20).Select(i => RawDyno.Refusing($"web.{i}"))]);

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.Equal(10, selector.Chosen.Distinct().Count());
        Assert.Equal(10, selector.Chosen.Count);
    }

    [Fact]
    public async Task A_dyno_in_quarantine_gets_no_request_until_it_is_over()
    {
        var bad = RawDyno.Refusing();
        var selector = new CountingSelector();
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.Zero }, selector);
        await using var good = RawDyno.Hello("web.2");
        router.Up(bad, good.Endpoint);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await router.GetAsync()).Status);
        }

        Assert.Single(selector.Chosen, dyno => dyno == bad);
    }

    [Fact]
    public async Task When_all_are_in_quarantine_a_request_waits_then_it_is_H34()
    {
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.FromMilliseconds(300) });
        router.Up(RawDyno.Refusing());

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.Equal(503, (await router.GetAsync()).Status);

        Assert.StartsWith("at=error code=H21 ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("at=error code=H34 desc=\"All up dynos are quarantined\" ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dyno_that_leaves_quarantine_serves_the_request_that_waited()
    {
        await using var router = await StartAsync(new RouterOptions { Quarantine = TimeSpan.FromMilliseconds(300) });
        router.Up(RawDyno.Refusing());
        Assert.Equal(503, (await router.GetAsync()).Status);

        // Still nobody listens: tried again after the quarantine, and H21 again rather than H34.
        Assert.Equal(503, (await router.GetAsync()).Status);

        Assert.StartsWith("at=error code=H21 ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("at=error code=H21 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dyno_that_closes_without_a_byte_is_H13_and_its_request_is_not_tried_elsewhere()
    {
        await using var router = await StartAsync(selector: new FirstSelector());
        await using var bad = new RawDyno(connection => connection.ReadResponseAsync());
        await using var other = RawDyno.Hello("web.2");
        router.Up(bad.Endpoint, other.Endpoint);

        Assert.Equal(503, (await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 4\r\n\r\nbody")).Status);

        Assert.Matches("^at=error code=H13 desc=\"Connection closed without response\" .* dyno=web.1 connect=[0-9]+ms service=[0-9]+ms status=503 ", await router.NextLineAsync());
        Assert.Equal(1, bad.Connections);
        Assert.Equal(0, other.Connections);
    }

    [Fact]
    public async Task A_reset_without_a_byte_is_H13_too()
    {
        await using var router = await StartAsync();
        await using var bad = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            connection.Reset();
        });
        router.Up(bad.Endpoint);

        Assert.Equal(503, (await router.GetAsync()).Status);
        Assert.Contains(" code=H13 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "Content-Length: 4\r\n", "body")]
    [InlineData("POST", "Content-Length: 0\r\n", "")]
    [InlineData("POST", "", "")]
    [InlineData("PUT", "Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n")]
    [InlineData("DELETE", "", "")]
    [InlineData("PATCH", "", "")]
    [InlineData("PROPFIND", "", "")]
    [InlineData("GET", "Content-Length: 4\r\n", "body")]
    public async Task A_request_that_changes_something_is_never_sent_twice_even_on_a_kept_connection(string method, string framing, string body)
    {
        var served = 0;
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            // The first request of each connection is answered and the connection kept; the second meets the closing.
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadUntilAsync("\r\n\r\n");
            Interlocked.Increment(ref served);
        });
        router.Up(dyno.Endpoint);

        // One client: its second request is read when the connection that served the first one has been kept.
        await using var client = await router.ConnectAsync();
        Assert.Equal(200, await AskAsync(client, "GET", string.Empty));
        Assert.Equal(503, await AskAsync(client, method, framing, body));

        Assert.Equal(1, dyno.Connections);
        Assert.Equal(1, served);
        await router.NextLineAsync();
        Assert.Matches(" code=H1[38] ", await router.NextLineAsync());
    }

    [Fact]
    public async Task A_GET_that_meets_the_closing_of_a_kept_connection_is_sent_again()
    {
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadUntilAsync("\r\n\r\n");
        });
        router.Up(dyno.Endpoint);

        await using var client = await router.ConnectAsync();
        Assert.Equal(200, await AskAsync(client, "GET", string.Empty));
        Assert.Equal(200, await AskAsync(client, "GET", string.Empty));

        Assert.Equal(2, dyno.Connections);
    }

    [Fact]
    public async Task A_connection_that_the_dyno_has_closed_meanwhile_is_not_used()
    {
        var closed = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.DisposeAsync();
            closed.TrySetResult();
        });
        router.Up(dyno.Endpoint);

        Assert.Equal(200, (await router.GetAsync()).Status);
        await closed.Task.WaitAsync(Limit.Unexpected);
        Assert.Equal(200, (await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 4\r\n\r\nbody")).Status);
    }

    private static async Task<int> AskAsync(RawClient client, string method, string framing, string body = "")
    {
        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: app.example.com\r\n{framing}\r\n{body}");
        return (await client.ReadResponseAsync()).Status;
    }

    [Fact]
    public async Task Kept_connections_are_used_again()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, await AskAsync(client, "GET", string.Empty));
        }

        Assert.Equal(1, dyno.Connections);
    }

    [Fact]
    public async Task A_dyno_that_closes_in_mid_response_is_H18_and_the_client_sees_that_it_is_not_whole()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering("HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello");
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await client.ReadToCloseAsync();

        Assert.Matches("^sock=backend at=error code=H18 desc=\"Server Request Interrupted\" .* status=200 bytes=5 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task Chunks_that_break_off_leave_the_client_without_the_last_one()
    {
        var relayed = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            await relayed.Task;
            await connection.SendAsync("zz\r\n");
            await connection.ReadToCloseAsync();
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await client.ReadUntilAsync("hello\r\n");
        relayed.SetResult();

        Assert.Equal(string.Empty, await client.ReadToCloseAsync());
        Assert.Matches("^sock=backend at=error code=H18 .* status=200 bytes=5 ", await router.NextLineAsync());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", 503, "code=H17 desc=\"Poorly formatted HTTP response\"")]
    [InlineData("HTTP/1.1 20 OK\r\nConnection: close\r\n\r\n", 503, "code=H17 desc=\"Poorly formatted HTTP response\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", 503, "code=H17 desc=\"Poorly formatted HTTP response\"")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nxx", 503, "code=H17 desc=\"Poorly formatted HTTP response\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello!", 502, "code=H25 desc=\"HTTP restriction: invalid content length\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\nConnection: close\r\n\r\nhello!", 502, "code=H25 desc=\"HTTP restriction: invalid content length\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: five\r\nConnection: close\r\n\r\nhello", 502, "code=H25 desc=\"HTTP restriction: invalid content length\"")]
    public async Task A_response_that_can_not_be_trusted_is_not_relayed(string response, int status, string code)
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering(response);
        router.Up(dyno.Endpoint);

        Assert.Equal(status, (await router.GetAsync()).Status);
        Assert.Contains(code, await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_or_header_beyond_its_limit_is_H25()
    {
        await using var router = await StartAsync();
        await using var cookie = RawDyno.Answering($"HTTP/1.1 200 OK\r\nSet-Cookie: a={new string('b', 8200)}\r\nContent-Length: 0\r\n\r\n");
        await using var header = RawDyno.Answering($"HTTP/1.1 200 OK\r\nX: {new string('b', 525_000)}\r\nContent-Length: 0\r\n\r\n");

        router.Up(cookie.Endpoint);
        Assert.Equal(502, (await router.GetAsync()).Status);
        router.Up(header.Endpoint);
        Assert.Equal(502, (await router.GetAsync()).Status);

        Assert.Contains(" code=H25 desc=\"HTTP restriction: oversized cookie\" ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.Contains(" code=H25 desc=\"HTTP restriction: oversized header\" ", await router.NextLineAsync(), StringComparison.Ordinal);
    }
}
