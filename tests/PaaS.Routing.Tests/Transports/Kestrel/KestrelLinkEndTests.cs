using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>How connections on Kestrel end, from either side: what is so here alone.</summary>
public class KestrelLinkEndTests
{
    private const int Large = 8 * 1024 * 1024;

    public static TheoryData<Wire> Wires => [Wire.Bare, Wire.Wrapped];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Abort_within_the_bytes_is_a_reset_to_the_peer(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
        {
            h.Link.Abort();
            return bytes.Length;
        });
        var (client, handler) = await kestrel.ConnectAsync();

        await client.SendTextAsync("x");

        Assert.True((await client.ReadToEndAsync()).WasReset);
        await LoopUnderTest.UntilAsync(() => ((KestrelLink)handler.Link).Gone.IsCompleted);
        Assert.Empty(kestrel.Log.Lines);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_reset_is_told(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire);
        var (client, handler) = await kestrel.ConnectAsync();

        await client.SendTextAsync("last words");
        await LoopUnderTest.UntilAsync(() => handler.Received.Length == 10);
        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
        await LoopUnderTest.UntilAsync(() => ((KestrelLink)handler.Link).Gone.IsCompleted);
    }

    [Fact]
    public async Task Where_no_half_can_be_closed_close_ends_both_at_once()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(Wire.Wrapped, handler => handler.Take = (h, bytes) =>
        {
            h.Link.Send(SocketWords.Pattern(Large));
            h.Link.Close();
            return bytes.Length;
        });
        var (client, _) = await kestrel.ConnectAsync();

        await client.SendTextAsync("go");
        var (answer, wasReset) = await client.ReadToEndAsync();

        Assert.False(wasReset);
        Assert.Equal(SocketWords.Pattern(Large), answer);
        client.Dispose();
    }

    [Fact]
    public async Task A_server_that_stops_tells_it_and_cuts_off_what_is_left()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var (client, handler) = await kestrel.ConnectAsync();

        var stopping = kestrel.StopAsync();

        Assert.Equal("stop", await handler.NextAsync());
        Assert.Equal("cut off", await handler.NextAsync());
        Assert.Equal("broken", await handler.NextAsync());
        await stopping;
        client.Dispose();
    }

    [Fact]
    public async Task One_client_too_many_is_told_so()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(options: new RouterOptions { MaxClientConnections = 1 });
        var (first, handler) = await kestrel.ConnectAsync();

        using (var second = await kestrel.DialAsync())
        {
            var answer = Encoding.Latin1.GetString((await second.ReadToEndAsync()).Bytes);
            Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("H22", answer, StringComparison.Ordinal);
        }

        first.Dispose();
        Assert.Equal("end", await handler.NextAsync());
        await handler.OnLoopAsync(h => h.Link.Close());
        await LoopUnderTest.UntilAsync(() => kestrel.Lanes.Clients == 0);
        var (third, _) = await kestrel.ConnectAsync();
        third.Dispose();
    }
}

/// <summary>How connections on Kestrel end, with nothing in between.</summary>
public sealed class BareKestrelLinkEndTests : HalfLinkEndTests
{
    private protected override async Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => await KestrelUnderTest.StartAsync(Wire.Bare, configure);
}

/// <summary>How connections on Kestrel end, behind a middleware.</summary>
public sealed class WrappedKestrelLinkEndTests : LinkEndTests
{
    private protected override async Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => await KestrelUnderTest.StartAsync(Wire.Wrapped, configure);
}
