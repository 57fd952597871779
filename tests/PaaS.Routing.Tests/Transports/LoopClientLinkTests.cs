namespace PaaS.Routing.Tests;

/// <summary>A client's connection on an event loop.</summary>
public sealed class LoopClientLinkTests() : ClientLinkTests(EventLoop.BufferSize)
{
    [Fact]
    public async Task One_that_sends_without_end_does_not_keep_the_others_from_their_turn()
    {
        long flood = 0;
        await using var loop = LoopUnderTest.Start(handler => handler.Take = (h, bytes) =>
        {
            if (bytes[0] == 'x')
            {
                Interlocked.Add(ref flood, bytes.Length);
            }
            else
            {
                h.Link.Send(bytes);
            }

            return bytes.Length;
        });
        var (noisy, _) = await loop.ConnectAsync();
        var (quiet, _) = await loop.ConnectAsync();
        using var enough = new CancellationTokenSource();
        var flooding = Task.Run(async () =>
        {
            var bytes = new byte[1024 * 1024];
            bytes.AsSpan().Fill((byte)'x');
            while (!enough.IsCancellationRequested)
            {
                await noisy.SendAllAsync(bytes);
            }
        });

        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref flood) > 1024 * 1024);
        for (var i = 0; i < 100; i++)
        {
            await quiet.SendTextAsync("ping");
            Assert.Equal("ping", await quiet.ReadTextAsync(4));
        }

        Assert.False(flooding.IsCompleted);
        await enough.CancelAsync();
        await flooding;
        noisy.Dispose();
        quiet.Dispose();
    }

    [Fact]
    public async Task Small_answers_are_not_held_back()
    {
        await using var loop = LoopUnderTest.Start();
        var (client, handler) = await loop.ConnectAsync();

        await handler.OnLoopAsync(h => Assert.True(SocketWords.Of(h.Link).NoDelay));
        client.Dispose();
    }

    private protected override Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null) => Task.FromResult<ITransportUnderTest>(LoopUnderTest.Start(configure));
}
