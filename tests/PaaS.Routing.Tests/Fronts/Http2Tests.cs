using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing.Tests;

/// <summary>HTTP/2 clients, whose requests reach the engine through the pipeline. (The cases of HTTP/2 are in router-cases.jsonl; here is what they leave out.)</summary>
public class Http2Tests
{
    [Fact]
    public async Task A_body_of_unknown_length_goes_chunked_to_the_dyno_with_its_trailers()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await StartAsync(dyno);
        using var client = Http2.Client(router.Port);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://app.example.com/up") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new StreamContent(new MemoryStream(new byte[100_000]));
        request.Headers.TransferEncodingChunked = true;

        var response = await client.SendAsync(request, Limit.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("chunked", dyno.Requests.Single().Header("Transfer-Encoding"));
        Assert.Null(dyno.Requests.Single().Header("Content-Length"));
        Assert.Equal(100_000, dyno.Requests.Single().Body.Length);
        Assert.Equal("app.example.com", dyno.Requests.Single().Header("Host"));
    }

    [Fact]
    public async Task Many_streams_of_one_connection_are_served_at_once()
    {
        var waiting = new CountdownEvent(10);
        var all = new TaskCompletionSource();
        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            if (waiting.Signal())
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(Limit.Unexpected);
            await context.Response.WriteAsync(context.Request.Path.Value!);
        });
        await using var router = await StartAsync(dyno.Endpoint);
        using var client = Http2.Client(router.Port);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.GetStringAsync(new Uri($"https://app.example.com/{i}"), Limit.Token)));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"/{i}"), answers);
    }

    [Fact]
    public async Task A_web_socket_over_http2_is_an_upgrade_for_the_dyno()
    {
        await using var dyno = new RawDyno(UpgradeTests.EchoAsync);
        await using var router = await StartAsync(dyno.Endpoint);
        using var invoker = new HttpMessageInvoker(Http2.Handler(router.Port));
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await client.ConnectAsync(new Uri("wss://app.example.com/ws"), invoker, Limit.Token);
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, true, Limit.Token);
            var buffer = new byte[100];
            var received = await client.ReceiveAsync(buffer, Limit.Token);
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Limit.Token);

        Assert.Matches("^at=info method=GET path=\"/ws\" .* status=101 bytes=[0-9]{2,} protocol=http2.0 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task A_response_of_many_megabytes_arrives_whole()
    {
        await using var dyno = await KestrelDyno.StartAsync(async context =>
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < 160; i++)
            {
                block.AsSpan().Fill((byte)i);
                await context.Response.Body.WriteAsync(block);
            }
        });
        await using var router = await StartAsync(dyno.Endpoint);
        using var client = Http2.Client(router.Port);

        var body = await client.GetByteArrayAsync(new Uri("https://app.example.com/"), Limit.Token);

        Assert.Equal(160 * 64 * 1024, body.Length);
        Assert.All(Enumerable.Range(0, 160), i => Assert.Equal((byte)i, body[(i * 64 * 1024) + 77]));
    }

    [Fact]
    public async Task A_trailer_that_the_server_does_not_send_is_left_out()
    {
        await using var dyno = RawDyno.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Odd: a\u0001b\r\nX-Plain: c\r\n\r\n");
        await using var router = await StartAsync(dyno);
        using var client = Http2.Client(router.Port);

        using var response = await client.GetAsync(new Uri("https://app.example.com/"), Limit.Token);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal("c", Assert.Single(response.TrailingHeaders.GetValues("X-Plain")));
        Assert.StartsWith("at=info ", await router.NextLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_the_connection_was_not_made_for_is_H31()
    {
        await using var dyno = RawDyno.Hello();
        await using var router = await StartAsync(dyno);
        router.Certificates.SetDefault(TlsRouter.Certificate("default.test"));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, router.Port, Limit.Token);
        await using var client = await RawHttp2Client.ConnectAsync(socket, "other.test");

        var stream = await client.BeginAsync([(":method", "GET"), (":scheme", "https"), (":authority", "app.example.com"), (":path", "/")], null);
        await stream.Ended.WaitAsync(Limit.Unexpected);

        Assert.Contains((":status", "421"), stream.Blocks[0]);
        Assert.StartsWith("at=error code=H31 desc=\"Misdirected Request\" ", await router.NextLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dyno.Connections);
    }

    private static Task<TlsRouter> StartAsync(RawDyno dyno) => StartAsync(dyno.Endpoint);

    private static async Task<TlsRouter> StartAsync(DynoEndpoint dyno)
    {
        var certificates = new RouterCertificates();
        certificates.Set("app.example.com", TlsRouter.Certificate("app.example.com"));
        return await TlsRouter.StartAsync(dyno, certificates);
    }
}
