using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>A package index on loopback: files by path, over plain HTTP, and a list of what was asked for.</summary>
internal sealed class LoopbackIndex : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<string> _requests = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;

    public LoopbackIndex()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The paths that were asked for, in order.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Add(string path, byte[] content)
    {
        lock (_requests)
        {
            _files[path] = content;
        }
    }

    public void Add(string path, string content) => Add(path, Encoding.UTF8.GetBytes(content));

    /// <summary>What a path has.</summary>
    public byte[] Content(string path)
    {
        lock (_requests)
        {
            return _files[path];
        }
    }

    public void Forget()
    {
        lock (_requests)
        {
            _requests.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        var answers = new List<Task>();
        try
        {
            while (true)
            {
                answers.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }

        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var line = await reader.ReadLineAsync(_stopping.Token);
                while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 })
                {
                    // Headers say nothing that counts here.
                }

                var path = Uri.UnescapeDataString(line?.Split(' ').ElementAtOrDefault(1)?.Split('?')[0].TrimStart('/') ?? string.Empty);
                byte[]? content;
                lock (_requests)
                {
                    _requests.Add(path);
                    content = _files.GetValueOrDefault(path);
                }

                var type = path.EndsWith('/') ? "text/html" : "application/octet-stream";
                var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {(content is null ? "404 Not Found" : "200 OK")}\r\nContent-Type: {type}\r\nContent-Length: {content?.Length ?? 0}\r\nConnection: close\r\n\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stopping.Token);
                if (line?.StartsWith("HEAD", StringComparison.Ordinal) != true)
                {
                    await stream.WriteAsync(content ?? [], _stopping.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has gone, or the test has ended.
            }
        }
    }
}
