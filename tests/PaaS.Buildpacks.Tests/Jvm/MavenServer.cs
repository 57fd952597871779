using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>A Maven repository on loopback: files by their paths, and a SHA-1 beside each.</summary>
internal sealed class MavenServer : IAsyncDisposable
{
    private const string System = "/usr/share/maven-repo";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]?> _find;
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ConcurrentDictionary<Task, byte> _open = new();
    private readonly Task _loop;

    private MavenServer(Func<string, byte[]?> find)
    {
        _find = find;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The paths that were asked for.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public static MavenServer Start(Func<string, byte[]?> find) => new(find);

    /// <summary>What Debian's packages hold, and what the test adds.</summary>
    public static MavenServer OfSystem(IReadOnlyDictionary<string, byte[]> more) => new(path =>
        more.TryGetValue(path, out var own) ? own
        : !path.Contains("..", StringComparison.Ordinal) && File.Exists(System + path) ? File.ReadAllBytes(System + path)
        : null);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop;
        await Task.WhenAll(_open.Keys);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            var serving = ServeAsync(client);
            _open[serving] = 0;
            _ = serving.ContinueWith(t => _open.TryRemove(t, out _), TaskScheduler.Default);
        }
    }

    /// <summary>One request a connection.</summary>
    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var first = await reader.ReadLineAsync() ?? string.Empty;
                while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
                {
                }

                if (first.Split(' ') is not [var method, var path, _])
                {
                    return;
                }

                _asked.Enqueue(path);
                var body = Find(Uri.UnescapeDataString(path));
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(body is null ? "404 Not Found" : "200 OK")}\r\nContent-Length: {body?.Length ?? 0}\r\nConnection: close\r\n\r\n"));
                if (body is not null && method == "GET")
                {
                    await stream.WriteAsync(body);
                }
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }

    [global::System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Maven's clients want SHA-1.")]
    private byte[]? Find(string path) =>
        _find(path) ?? (path.EndsWith(".sha1", StringComparison.Ordinal) && _find(path[..^5]) is { } file
            ? Encoding.ASCII.GetBytes(Convert.ToHexStringLower(global::System.Security.Cryptography.SHA1.HashData(file)))
            : null);
}
