using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Benchmarks;

/// <summary>A running web server, and how to end it.</summary>
/// <param name="endpoint">Where it answers.</param>
/// <param name="end">Ends it.</param>
internal sealed class Server(IPEndPoint endpoint, Func<ValueTask> end) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    /// <summary>Asks until there is an answer. A mere connection would do for a proxy in front, not for the program.</summary>
    public async Task AnswersAsync()
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(1))
        {
            try
            {
                await AskAsync();
                return;
            }
            catch (Exception e) when (e is SocketException or IOException && watch.Elapsed < Deadline)
            {
                // Not yet.
            }
        }
    }

    /// <summary>Asks at an even pace.</summary>
    /// <returns>How long each answer took, in milliseconds.</returns>
    public async Task<List<double>> LoadAsync(TimeSpan duration)
    {
        var times = new List<double>();
        using var timer = new PeriodicTimer(Pace);
        for (var whole = Stopwatch.StartNew(); whole.Elapsed < duration; await timer.WaitForNextTickAsync())
        {
            var watch = Stopwatch.StartNew();
            await AskAsync();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times;
    }

    public ValueTask DisposeAsync() => end();

    private async Task AskAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint, deadline.Token);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: figures\r\nConnection: close\r\n\r\n"u8.ToArray(), deadline.Token);
        var answer = new byte[256];
        var read = await socket.ReceiveAsync(answer, deadline.Token);
        if (!answer.AsSpan(0, read).StartsWith("HTTP/1.1 200"u8))
        {
            throw new IOException($"{endpoint} answered nothing that was to be expected.");
        }
    }
}

/// <summary>Servers that end together.</summary>
internal sealed class ServerGroup(IReadOnlyList<Server> servers) : IAsyncDisposable
{
    /// <summary>Starts servers and waits until all answer.</summary>
    public static async Task<ServerGroup> StartAsync(int count, int atOnce, Func<Task<Server>> start)
    {
        var servers = new Server[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, _) =>
        {
            servers[i] = await start();
            await servers[i].AnswersAsync();
        });
        return new ServerGroup(servers);
    }

    public async ValueTask DisposeAsync() => await Parallel.ForEachAsync(servers, static async (server, _) => await server.DisposeAsync());
}
