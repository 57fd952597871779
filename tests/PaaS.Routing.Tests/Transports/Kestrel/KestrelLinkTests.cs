using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>A client's connection on Kestrel: bytes in, bytes out, back-pressure.</summary>
public class KestrelLinkTests
{
    private const int Large = 8 * 1024 * 1024;

    public static TheoryData<Wire> Wires => [Wire.Bare, Wire.Wrapped];

    [Theory]
    [InlineData(Wire.Bare, 1)]
    [InlineData(Wire.Bare, 3_000_001)]
    [InlineData(Wire.Wrapped, 4096)]
    [InlineData(Wire.Wrapped, 3_000_001)]
    public async Task Bytes_come_and_go(Wire wire, int size)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, ClientLinkTests.Echo);
        var (client, _) = await kestrel.ConnectAsync();
        var bytes = SocketWords.Pattern(size);

        var sending = client.SendAllAsync(bytes);
        var back = await client.ReadAsync(size);
        await sending;

        Assert.Equal(bytes, back);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Three_stretches_leave_in_order_also_when_they_are_taken_in_pieces(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire);
        var (client, handler) = await kestrel.ConnectAsync(socket => socket.ReceiveBufferSize = 8 * 1024);
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

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task What_a_handler_leaves_is_offered_again_with_more_behind_it(Wire wire)
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
        {
            var whole = bytes.Length / 7 * 7;
            h.Link.Send(bytes[..whole]);
            return whole;
        });
        var (client, _) = await kestrel.ConnectAsync();
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

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_handler_that_pauses_has_the_rest_piece_by_piece(Wire wire)
    {
        const int piece = 1000;
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
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
        var (client, _) = await kestrel.ConnectAsync();
        var bytes = SocketWords.Pattern(900 * piece);

        var sending = client.SendAllAsync(bytes);
        Assert.Equal(bytes, await client.ReadAsync(bytes.Length));
        await sending;
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_handler_that_resumes_at_once_is_not_called_from_within(Wire wire)
    {
        var (depth, deepest) = (0, 0);
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler => handler.Take = (h, bytes) =>
        {
            deepest = Math.Max(deepest, ++depth);
            h.Link.Pause();
            h.Link.Resume();
            h.Link.Send(bytes[..1]);
            depth--;
            return 1;
        });
        var (client, _) = await kestrel.ConnectAsync();
        var bytes = SocketWords.Pattern(1000);

        await client.SendAllAsync(bytes);

        Assert.Equal(bytes, await client.ReadAsync(bytes.Length));
        Assert.Equal(1, deepest);
        client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Much_goes_through_both_ways_to_a_slow_reader_without_being_kept(Wire wire)
    {
        var most = 0;
        await using var kestrel = await KestrelUnderTest.StartAsync(wire, handler =>
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
        var (client, _) = await kestrel.ConnectAsync(socket => socket.ReceiveBufferSize = 16 * 1024);
        var bytes = SocketWords.Pattern(Large);

        var sending = client.SendAllAsync(bytes);
        await LoopUnderTest.UntilAsync(() => Volatile.Read(ref most) > 0);
        Assert.Equal(bytes, await client.ReadAsync(Large));
        await sending;

        Assert.InRange(most, 1, 1024 * 1024);
        client.Dispose();
    }

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
    public async Task A_fault_costs_its_own_connection_and_a_line_in_the_log()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync(configure: handler => handler.Take = (h, bytes) =>
        {
            if (bytes[0] == '!')
            {
                throw new InvalidOperationException("a fault of the test");
            }

            h.Link.Send(bytes);
            return bytes.Length;
        });
        var (good, _) = await kestrel.ConnectAsync();
        var (bad, handler) = await kestrel.ConnectAsync();

        await bad.SendTextAsync("!");

        Assert.True((await bad.ReadToEndAsync()).WasReset);
        Assert.Equal("broken", await handler.NextAsync());
        Assert.Contains(kestrel.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("a fault of the test", StringComparison.Ordinal));
        await good.SendTextAsync("still here");
        Assert.Equal("still here", await good.ReadTextAsync(10));
        good.Dispose();
        bad.Dispose();
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
