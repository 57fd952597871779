using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>A client's connection on Kestrel: what is so here alone.</summary>
public class KestrelLinkTests
{
    private const int Large = 8 * 1024 * 1024;

    [Fact]
    public async Task A_paused_link_holds_its_client_back()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(configure: handler => handler.Take = (h, _) =>
        {
            h.Link.Pause();
            h.Note("paused");
            return 0;
        });
        var (client, handler) = await kestrel.ConnectAsync(socket => socket.Blocking = false);
        await LoopUnderTest.UntilAsync(() => client.Poll(0, SelectMode.SelectWrite));
        client.Send(new byte[1], SocketFlags.None, out _);
        Assert.Equal("paused", await handler.NextAsync());

        // The sockets' buffers, and what Kestrel reads ahead.
        long sent = 0;
        for (var stalls = 0; stalls < 40 && sent < 64 * Large;)
        {
            var count = client.Send(new byte[64 * 1024], SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                (sent, stalls) = (sent + count, 0);
            }
            else
            {
                stalls++;
                await Task.Delay(5);
            }
        }

        Assert.InRange(sent, 1, 2 * Large);
        client.Dispose();
    }

    [Fact]
    public async Task Over_tls_bytes_come_and_go_and_our_end_leaves_the_other_half_open()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(Wire.Tls, ClientLinkTests.Echo);
        var (client, handler) = await kestrel.ConnectTlsAsync();
        var bytes = SocketWords.Pattern(3_000_001);

        var sending = client.WriteAsync(bytes, Limit.Token);
        var back = new byte[bytes.Length];
        await client.ReadExactlyAsync(back, Limit.Token);
        await sending;
        Assert.Equal(bytes, back);
        handler.Take = (h, more) =>
        {
            h.Received.Write(more);
            return more.Length;
        };
        await handler.OnLoopAsync(h => h.Link.End());
        Assert.Equal(0, await client.ReadAsync(back, Limit.Token));
        await client.WriteAsync("still here"u8.ToArray(), Limit.Token);

        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 10);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Over_tls_close_sends_what_is_unsent_and_tells_the_end()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(Wire.Tls, handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, _) = await kestrel.ConnectTlsAsync();
        using var all = new MemoryStream();

        await client.WriteAsync("go"u8.ToArray(), Limit.Token);
        await client.CopyToAsync(all, Limit.Token);

        Assert.Equal(SocketWords.Pattern(Large), all.ToArray());
        await client.DisposeAsync();
    }
}

/// <summary>A client's connection on Kestrel, with nothing in between.</summary>
public sealed class BareKestrelLinkTests() : ClientLinkTests(1024 * 1024)
{
    private protected override async Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => await KestrelUnderTest.StartAsync(Wire.Bare, configure);
}

/// <summary>A client's connection on Kestrel, behind a middleware.</summary>
public sealed class WrappedKestrelLinkTests() : ClientLinkTests(1024 * 1024)
{
    private protected override async Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => await KestrelUnderTest.StartAsync(Wire.Wrapped, configure);
}
