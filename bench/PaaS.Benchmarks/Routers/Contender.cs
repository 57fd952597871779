using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Benchmarks;

/// <summary>A proxy that runs.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly Task _log;

    private Contender(string name, int port, Process process, string log)
    {
        Name = name;
        Port = port;
        _process = process;
        Tree = new ProcessTree(process.Id);
        Log = log;
        _log = WriteLogAsync();
    }

    public string Name { get; }

    public int Port { get; }

    public ProcessTree Tree { get; }

    /// <summary>The file that has what it prints.</summary>
    public string Log { get; }

    /// <summary>Resident memory in KiB, at first and at most.</summary>
    public long FirstResident { get; private set; }

    public long MostResident { get; set; }

    public double? KiBPerConnection { get; set; }

    public static Contender Start(string name, int port, ProcessStartInfo start, string log)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new Contender(name, port, Process.Start(start)!, log);
    }

    /// <summary>Waits for its first answer, and checks that it passes the bodies on.</summary>
    public async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new UriBuilder("http", "127.0.0.1", Port).Uri };
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                foreach (var workload in Workload.All)
                {
                    using var request = workload == Workload.Upload ? new HttpRequestMessage(HttpMethod.Post, workload.Path) { Content = new ByteArrayContent(new byte[4096]) } : new HttpRequestMessage(HttpMethod.Get, workload.Path);
                    using var response = await client.SendAsync(request, cancellationToken);
                    var length = (await response.Content.ReadAsByteArrayAsync(cancellationToken)).Length;
                    if (response.StatusCode != HttpStatusCode.OK || length != workload.Length)
                    {
                        throw new InvalidOperationException($"{Name} answered {workload.Path} with {(int)response.StatusCode} and {length} bytes in place of {workload.Length}; see {Log}.");
                    }
                }

                return;
            }
            catch (HttpRequestException e) when (since.Elapsed < Patience && !_process.HasExited)
            {
                _ = e;
                await Task.Delay(50, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                await EndAsync();
                throw new InvalidOperationException($"{Name} does not answer on port {Port}: {e.Message} It printed: {await File.ReadAllTextAsync(Log, cancellationToken)}", e);
            }
        }
    }

    /// <summary>What it holds while nothing has been asked of it but one request of each kind.</summary>
    public void NoteFirstResident() => FirstResident = MostResident = Tree.ResidentKiB;

    public void NoteResident() => MostResident = Math.Max(MostResident, Tree.ResidentKiB);

    /// <summary>How much its memory grows for each of many connections that have had one request and wait for another: the larger of two passes.</summary>
    public async Task MeasureIdleConnectionsAsync(int count, CancellationToken cancellationToken)
    {
        KiBPerConnection = 0;
        var answer = new byte[4096];
        for (var pass = 0; pass < 2; pass++)
        {
            var sockets = new List<Socket>(count);
            var before = Tree.ResidentKiB;
            try
            {
                for (var i = 0; i < count; i++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(socket);
                    await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
                    await socket.SendAsync("GET /small HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), cancellationToken);
                    var read = await socket.ReceiveAsync(answer, cancellationToken);
                    if (!answer.AsSpan(0, read).StartsWith("HTTP/1.1 200 "u8))
                    {
                        throw new InvalidOperationException($"{Name} did not answer on connection {i + 1} of {count}; see {Log}.");
                    }
                }

                await Task.Delay(500, cancellationToken);
                KiBPerConnection = Math.Max(KiBPerConnection.Value, (double)(Tree.ResidentKiB - before) / count);
            }
            finally
            {
                sockets.ForEach(static socket => socket.Dispose());
            }

            await Task.Delay(300, cancellationToken);
        }
    }

    /// <summary>Ends it.</summary>
    /// <returns>The last line that it printed.</returns>
    public async Task<string?> EndAsync()
    {
        Tree.Terminate();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _log;
        return File.ReadLines(Log).LastOrDefault();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await EndAsync();
        }

        _process.Dispose();
    }

    private async Task WriteLogAsync()
    {
        await using var file = File.Create(Log);
        await Task.WhenAll(CopyAsync(_process.StandardOutput.BaseStream), CopyAsync(_process.StandardError.BaseStream));

        async Task CopyAsync(Stream from)
        {
            var buffer = new byte[4096];
            while (await from.ReadAsync(buffer) is > 0 and var read)
            {
                lock (file)
                {
                    file.Write(buffer, 0, read);
                }
            }
        }
    }
}
