using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing.Tests;

public sealed class StreamingTestsOnConnections() : StreamingTests(Front.Connection);

public sealed class StreamingTestsOnPipelines() : StreamingTests(Front.Pipeline);

public abstract class StreamingTests(Front front) : FrontTests(front)
{
    [Fact]
    public async Task Events_reach_the_client_before_the_response_ends()
    {
        var next = new SemaphoreSlim(0);
        await using var router = await StartAsync();
        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(Limit.Token);
                await context.Response.WriteAsync($"data: {i}\n\n");
            }

            await next.WaitAsync(Limit.Token);
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET /events HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        Assert.Contains("text/event-stream", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            Assert.Contains($"data: {i}", await client.ReadUntilAsync("\n\n"), StringComparison.Ordinal);
        }

        next.Release();
        await client.ReadUntilAsync("0\r\n\r\n");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fifty_megabytes_pass_up_and_down_without_being_held(bool chunked)
    {
        const int Size = 50_000_000;
        await using var router = await StartAsync();
        using var http = new HttpClient();
        var bytes = new byte[Size];
        new Random(7).NextBytes(bytes);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{router.Port}/"))
        {
            Content = new StreamContent(new MemoryStream(bytes)),
            Headers = { Host = RouterUnderTest.Host, TransferEncodingChunked = chunked },
        };

        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            var digest = await SHA256.HashDataAsync(context.Request.Body);
            context.Response.Headers["X-Digest"] = Convert.ToHexString(digest);
            for (var sent = 0; sent < Size; sent += 50_000)
            {
                await context.Response.Body.WriteAsync(bytes.AsMemory(sent, 50_000));
            }
        });
        router.Up(dyno.Endpoint);
        using var response = await http.SendAsync(request, Limit.Token);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), response.Headers.GetValues("X-Digest").Single());
        Assert.True((await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(bytes));
        Assert.Contains($" bytes={Size} ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dyno_sees_a_body_while_it_is_still_being_sent()
    {
        var head = new TaskCompletionSource();
        var part = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            head.SetResult();
            await connection.ReadUntilAsync("part");
            part.SetResult();
            await connection.ReadUntilAsync("rest");
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 8\r\n\r\n");
        await head.Task.WaitAsync(Limit.Unexpected);
        await client.SendAsync("part");
        await part.Task.WaitAsync(Limit.Unexpected);
        await client.SendAsync("rest");

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Chunks_pass_both_ways()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n");
        router.Up(dyno.Endpoint);

        var response = await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");

        Assert.Equal("hello world", dyno.Requests.Single().Body);
        Assert.Null(dyno.Requests.Single().Header("Content-Length"));
        Assert.Equal("abcdefg", response.Body);
        Assert.Null(response.Header("Content-Length"));
        Assert.Contains(" bytes=7 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_length_and_chunks_only_the_chunks_count_and_the_connection_ends()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await client.ReadToCloseAsync();

        var seen = Assert.Single(dyno.Requests);
        Assert.Equal("abc", seen.Body);
        Assert.Null(seen.Header("Content-Length"));
        Assert.Null(seen.Header("X-Content-Length"));
    }

    [Theory]
    [InlineData("zz\r\nabc\r\n0\r\n\r\n")]
    [InlineData("+3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF3\r\nabc\r\n0\r\n\r\n")]
    public async Task A_bad_chunk_is_H26_and_the_dyno_never_sees_a_last_one(string bad)
    {
        var received = new TaskCompletionSource<string>();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection => received.SetResult(await connection.ReadToCloseAsync()));
        router.Up(dyno.Endpoint);

        var response = await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + bad);

        Assert.Equal(400, response.Status);
        Assert.Matches("^at=error code=H26 desc=\"Request Error\" cause=\"bad chunk\" .* dyno=web.1 .* status=400 ", await router.NextLineAsync());
        Assert.DoesNotContain("0\r\n\r\n", await received.Task.WaitAsync(Limit.Unexpected), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", null)]
    [InlineData("GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "0")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 123\r\nETag: \"e\"\r\n\r\n", "123")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 123\r\n\r\n", "123")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", null)]
    public async Task A_response_without_a_body_is_not_waited_for_and_the_connection_goes_on(string method, string response, string? length)
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering(response);
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
            var answer = await client.ReadResponseAsync(noBody: true);
            Assert.Equal(response.Split("\r\n")[0], answer.Line);
            Assert.Equal(length, answer.Header("Content-Length"));
            Assert.Contains(" bytes=0 ", await router.NextLineAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_response_that_ends_with_its_connection_passes()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello");
        router.Up(dyno.Endpoint);

        var response = await router.GetAsync();

        Assert.Equal("HTTP/1.1 200 OK", response.Line);
        Assert.Equal("hello", response.Body);
    }

    [Fact]
    public async Task Early_hints_are_not_taken_for_the_response()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Answering("HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        router.Up(dyno.Endpoint);

        await using var client = await router.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        if (Front != Front.Pipeline)
        {
            var hints = await client.ReadUntilAsync("\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 103 Early Hints\r\n", hints, StringComparison.Ordinal);
            Assert.Contains("\r\nLink: </s.css>\r\n", hints, StringComparison.Ordinal);
        }

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_gets_it_once_a_dyno_is_there()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("body");

        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        Assert.Null(dyno.Requests.Single().Header("Expect"));
        Assert.Equal("body", dyno.Requests.Single().Body);
    }

    [Fact]
    public async Task No_100_is_sent_when_no_dyno_can_take_the_request()
    {
        await using var router = await StartAsync(new RouterOptions { BootWait = TimeSpan.Zero });
        router.Up(RawDyno.Refusing());

        Assert.Equal(503, (await router.SendAsync("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 50\r\n\r\nhello")]
    public async Task A_client_that_goes_away_is_H27_and_the_dyno_notices(string request)
    {
        var began = new TaskCompletionSource();
        var noticed = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            began.SetResult();
            await connection.ReadToCloseAsync();
            noticed.SetResult();
        });
        router.Up(dyno.Endpoint);
        var client = await router.ConnectAsync();

        await client.SendAsync(request);
        await began.Task.WaitAsync(Limit.Unexpected);
        await client.DisposeAsync();

        await noticed.Task.WaitAsync(Limit.Unexpected);
        Assert.Matches("^sock=client at=warning code=H27 desc=\"Client Request Interrupted\" .* dyno=web.1 .* status=499 bytes=0 ", await router.NextLineAsync());
        Assert.Equal(0, dyno.Endpoint.InFlight);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_mid_response_is_H27_and_the_dyno_notices()
    {
        var noticed = new TaskCompletionSource();
        await using var router = await StartAsync();
        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            context.RequestAborted.Register(noticed.SetResult);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("again and again");
                await Task.Delay(5);
            }
        });
        router.Up(dyno.Endpoint);
        var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        await client.ReadUntilAsync("again and again");
        client.Reset();

        await noticed.Task.WaitAsync(Limit.Unexpected);
        Assert.StartsWith("sock=client at=warning code=H27 ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_read_slows_the_dyno_down()
    {
        var sent = 0L;
        await using var router = await StartAsync(new RouterOptions { IdleTimeout = TimeSpan.FromSeconds(1) });
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadResponseAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            var bytes = new byte[100_000];
            while (sent < 1_000_000_000)
            {
                await connection.SendAsync(bytes);
                sent += bytes.Length;
            }
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n");

        Assert.Matches("^at=warning code=H28 ", await router.NextLineAsync());
        Assert.InRange(sent, 1, 50_000_000);
    }
}
