using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>A client's connection: bytes in, bytes out, back-pressure. Holds for every transport; a class that derives runs it on one.</summary>
/// <param name="mostAtOnce">The most bytes that the transport offers at once.</param>
public abstract class ClientLinkTests(int mostAtOnce)
{
    private const int Large = 8 * 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(EventLoop.BufferSize)]
    [InlineData(3_000_001)]
    public async Task Bytes_come_and_go(int size)
    {
        await using var transport = await StartAsync(Echo);
        var (client, _) = await transport.ConnectAsync();
        var bytes = SocketWords.Pattern(size);

        var sending = client.SendAllAsync(bytes);
        var back = await client.ReadAsync(size);
        await sending;

        Assert.Equal(bytes, back);
        client.Dispose();
    }

    [Fact]
    public async Task Three_stretches_leave_in_order_also_when_the_peer_takes_them_in_pieces()
    {
        await using var transport = await StartAsync();
        var (client, handler) = await transport.ConnectAsync(socket => socket.ReceiveBufferSize = 8 * 1024);
        var bytes = SocketWords.Pattern(Large);

        await handler.OnLoopAsync(h =>
        {
            h.Link.Send(bytes.AsSpan(0, 100), bytes.AsSpan(100, Large - 300), bytes.AsSpan(Large - 200, 200));
            Assert.NotEqual(0, h.Link.Unsent);
            h.Link.Send("a"u8, "b"u8);
            h.Link.Send(default, "c"u8);
        });

        Assert.Equal((byte[])[.. bytes, (byte)'a', (byte)'b', (byte)'c'], await client.ReadAsync(Large + 3));
        Assert.Equal("sent", await handler.NextAsync());
        await handler.OnLoopAsync(h => Assert.Equal(0, h.Link.Unsent));
        client.Dispose();
    }

    [Fact]
    public async Task What_a_handler_leaves_is_offered_again_with_more_behind_it()
    {
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
        {
            var whole = bytes.Length / 7 * 7;
            h.Received.Write(bytes[..whole]);
            h.Link.Send(bytes[..whole]);
            return whole;
        });
        var (client, _) = await transport.ConnectAsync();
        var bytes = SocketWords.Pattern(700_000);

        for (var i = 0; i < 50; i++)
        {
            await client.SendAllAsync(bytes.AsMemory(i, 1));
            if (i % 7 == 6)
            {
                Assert.Equal(bytes[(i - 6)..(i + 1)], await client.ReadAsync(7));
            }
        }

        var sending = client.SendAllAsync(bytes.AsMemory(50));
        Assert.Equal(bytes[49..], await client.ReadAsync(bytes.Length - 49));
        await sending;
        client.Dispose();
    }

    [Fact]
    public async Task A_handler_that_pauses_has_the_rest_piece_by_piece()
    {
        const int piece = 1000;
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
        {
            if (bytes.Length < piece)
            {
                return 0;
            }

            h.Link.Send(bytes[..piece]);
            h.Link.Pause();
            h.Lane.Post(_ => h.Link.Resume(), null);
            return piece;
        });
        var (client, _) = await transport.ConnectAsync();
        var bytes = SocketWords.Pattern(900 * piece);

        var sending = client.SendAllAsync(bytes);
        Assert.Equal(bytes, await client.ReadAsync(bytes.Length));
        await sending;
        client.Dispose();
    }

    [Fact]
    public async Task A_handler_that_resumes_at_once_is_not_called_from_within()
    {
        var depth = 0;
        var deepest = 0;
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
        {
            deepest = Math.Max(deepest, ++depth);
            h.Link.Pause();
            h.Link.Resume();
            h.Link.Send(bytes[..1]);
            depth--;
            return 1;
        });
        var (client, _) = await transport.ConnectAsync();
        var bytes = SocketWords.Pattern(5000);

        await client.SendAllAsync(bytes);

        Assert.Equal(bytes, await client.ReadAsync(bytes.Length));
        Assert.Equal(1, deepest);
        client.Dispose();
    }

    [Fact]
    public async Task Much_goes_through_both_ways_to_a_slow_reader_without_being_kept()
    {
        var most = 0;
        await using var transport = await StartAsync(handler =>
        {
            handler.Take = (h, bytes) =>
            {
                h.Link.Send(bytes);
                most = Math.Max(most, h.Link.Unsent);
                if (h.Link.Unsent > 0)
                {
                    h.Link.Pause();
                }

                return bytes.Length;
            };
            handler.Sent = h => h.Link.Resume();
        });
        var (client, handler) = await transport.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);
        var bytes = SocketWords.Pattern(Large);

        var sending = client.SendAllAsync(bytes);
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref most) > 0);
        Assert.Equal(bytes, await client.ReadAsync(Large));
        await sending;

        Assert.Equal("sent", await handler.NextAsync());
        Assert.InRange(most, 1, mostAtOnce);
        client.Dispose();
    }

    [Fact]
    public async Task A_fault_costs_its_own_connection_and_a_line_in_the_log()
    {
        await using var transport = await StartAsync(handler => handler.Take = (h, bytes) =>
        {
            if (bytes[0] == '!')
            {
                throw new InvalidOperationException("a fault of the test");
            }

            h.Link.Send(bytes);
            return bytes.Length;
        });
        var (good, _) = await transport.ConnectAsync();
        var (bad, handler) = await transport.ConnectAsync();

        await bad.SendTextAsync("!");

        Assert.True((await bad.ReadToEndAsync()).WasReset);
        Assert.Equal("broken", await handler.NextAsync());
        Assert.Contains(transport.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("a fault of the test", StringComparison.Ordinal));
        await good.SendTextAsync("still here");
        Assert.Equal("still here", await good.ReadTextAsync(10));
        good.Dispose();
        bad.Dispose();
    }

    internal static void Echo(ScriptedHandler handler)
    {
        handler.Take = (h, bytes) =>
        {
            h.Link.Send(bytes);
            return bytes.Length;
        };
    }

    private protected abstract Task<ITransportUnderTest> StartAsync(Action<ScriptedHandler>? configure = null);
}
