using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A dyno that brings a request to the stage that its path names and no further, and tells when it is there.</summary>
internal sealed class StagedDyno : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new();
    private readonly RawDyno _dyno;
    private int _seen;

    public StagedDyno() => _dyno = new RawDyno(ServeAsync);

    public DynoEndpoint Endpoint => _dyno.Endpoint;

    /// <summary>How many requests it has seen the head of.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>Completes when the request with this target is at its stage.</summary>
    public Task Reached(string target) => Signal(target).Task.WaitAsync(Limit.Unexpected);

    public ValueTask DisposeAsync() => _dyno.DisposeAsync();

    private TaskCompletionSource Signal(string target) => _reached.GetOrAdd(target, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ServeAsync(RawClient connection)
    {
        while (true)
        {
            var head = await connection.ReadUntilAsync("\r\n\r\n");
            var target = head.Split(' ')[1];
            Interlocked.Increment(ref _seen);
            var stage = target.Split('/')[1];
            switch (stage)
            {
                case "good":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
                    continue;
                case "begin":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
                    break;
                case "chunk":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n");
                    break;
                case "tunnel":
                    await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbegun");
                    break;
                case "endless":
                    Signal(target).TrySetResult();
                    await FloodAsync(connection);
                    return;
            }

            Signal(target).TrySetResult();
            await connection.ReadToCloseAsync();
            return;
        }
    }

    /// <summary>Sends until nobody takes it any more.</summary>
    private static async Task FloodAsync(RawClient connection)
    {
        await connection.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        var piece = Encoding.ASCII.GetBytes(new string('e', 64 * 1024));
        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                await connection.SendAsync(piece);
            }
        }
        catch (SocketException)
        {
            // The router has cut it.
        }
    }
}
