using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>How connections on an event loop end, from either side.</summary>
public sealed class LoopLinkEndTests : HalfLinkEndTests
{
    [Fact]
    public async Task A_reset_is_told_behind_the_bytes_before_it()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await client.SendTextAsync("last words");
        client.Reset();

        Assert.Equal("broken", await handler.NextAsync());
        Assert.Equal("last words", Encoding.Latin1.GetString(handler.Received.ToArray()));
        Assert.Equal(0, loop.Listener.Clients);
    }

    [Fact]
    public async Task An_end_that_came_with_the_bytes_at_which_the_handler_paused_is_told_too()
    {
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, bytes) =>
        {
            h.Link.Pause();
            return bytes.Length;
        });
        var (client, handler) = await loop.ConnectAsync();
        var mayGoOn = new ManualResetEventSlim();
        loop.Loop.Post(_ => mayGoOn.Wait(Limit.Unexpected), null);

        // Both are there before the loop looks.
        await client.SendTextAsync("bytes");
        client.Shutdown(SocketShutdown.Send);
        mayGoOn.Set();

        Assert.Equal("end", await handler.NextAsync());
        client.Dispose();
    }

    private protected override Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => Task.FromResult<ITransportUnderTest>(LoopUnderTest.Start(configure));
}
