using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace PaaS.Routing.Tests;

public sealed class UpgradeTestsOnConnections() : UpgradeTests(Front.Connection);

public sealed class UpgradeTestsOnPipelines() : UpgradeTests(Front.Pipeline);

public abstract class UpgradeTests(Front front) : FrontTests(front)
{
    private const string Ask = "GET /ws HTTP/1.1\r\nHost: app.example.com\r\nConnection: keep-alive, Upgrade\r\nUpgrade: x\r\n\r\n";
    private const string Agree = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

    [Fact]
    public async Task A_web_socket_echoes_and_leaves_one_line_at_its_end()
    {
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(EchoAsync);
        router.Up(dyno.Endpoint);
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Host", RouterUnderTest.Host);

        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{router.Port}/ws"), Limit.Token);
        Assert.Equal(1, dyno.Endpoint.InFlight);
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, true, Limit.Token);
            var buffer = new byte[100];
            var received = await client.ReceiveAsync(buffer, Limit.Token);
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        Assert.Equal(0, router.Logs.LastNumber);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Limit.Token);

        Assert.Matches("^at=info method=GET path=\"/ws\" .* dyno=web.1 connect=[0-9]+ms service=[0-9]+ms status=101 bytes=[0-9]{2,} protocol=http1.1 tls=false$", await router.NextLineAsync());
        Assert.Equal(0, dyno.Endpoint.InFlight);
        Assert.Equal(1, router.Logs.LastNumber);
    }

    [Fact]
    public async Task Bytes_right_behind_the_101_are_not_lost_and_a_close_by_the_dyno_closes_the_client()
    {
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync(Agree + "early");
        });
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync(Ask);
        var answer = await client.ReadToCloseAsync();
        await client.DisposeAsync();

        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: Upgrade\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: x\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nearly", answer, StringComparison.Ordinal);
        Assert.Matches("^at=info .* status=101 bytes=5 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task A_close_by_the_client_closes_the_dyno()
    {
        var received = new TaskCompletionSource<string>();
        await using var router = await StartAsync();
        await using var dyno = new RawDyno(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync(Agree);
            received.SetResult(await connection.ReadToCloseAsync());
        });
        router.Up(dyno.Endpoint);
        var client = await router.ConnectAsync();

        await client.SendAsync(Ask);
        await client.ReadUntilAsync("\r\n\r\n");
        await client.SendAsync("last words");
        await client.DisposeAsync();

        Assert.Equal("last words", await received.Task.WaitAsync(Limit.Unexpected));
        Assert.Matches("^at=info .* status=101 bytes=0 ", await router.NextLineAsync());
    }

    [Fact]
    public async Task A_dyno_that_declines_answers_as_usual_and_nothing_is_tunnelled()
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);
        await using var client = await router.ConnectAsync();

        await client.SendAsync(Ask);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
        Assert.Equal("hello", (await client.ReadResponseAsync()).Body);

        Assert.Equal("GET /next HTTP/1.1", dyno.Requests.Last().Line);
        Assert.Equal("x", dyno.Requests.First().Header("Upgrade"));
        Assert.Null(dyno.Requests.Last().Header("Upgrade"));
    }

    [Theory]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n")]
    [InlineData("Connection: upgrade\r\n")]
    public async Task H2c_and_an_upgrade_to_nothing_are_ordinary_requests(string headers)
    {
        await using var router = await StartAsync();
        await using var dyno = RawDyno.Hello();
        router.Up(dyno.Endpoint);

        Assert.Equal(200, (await router.GetAsync(headers: headers)).Status);

        var seen = dyno.Requests.Single();
        Assert.Null(seen.Header("Upgrade"));
        Assert.Null(seen.Header("HTTP2-Settings"));
        Assert.DoesNotContain("pgrade", seen.Header("Connection") ?? string.Empty, StringComparison.Ordinal);
    }

    /// <summary>A dyno that agrees to a WebSocket and sends back what it gets.</summary>
    internal static async Task EchoAsync(RawClient connection)
    {
        var head = await connection.ReadUntilAsync("\r\n\r\n");
        var key = head.Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0];
#pragma warning disable CA5350 // The handshake of RFC 6455 is made of SHA-1.
        var accept = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await connection.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        using var socket = WebSocket.CreateFromStream(new RawStream(connection), isServer: true, null, TimeSpan.Zero);
        var buffer = new byte[1000];
        while (await socket.ReceiveAsync(buffer, Limit.Token) is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, Limit.Token);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Limit.Token);
    }
}
