using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>A back end that keeps what it sees: a real server, or the strictest reader there is.</summary>
internal interface IRecorder : IAsyncDisposable
{
    DynoEndpoint Endpoint { get; }

    /// <summary>What it has seen since the last call. Waits until nothing is under way.</summary>
    Task<Recorded> TakeAsync();
}

/// <summary>What a back end has seen.</summary>
/// <param name="Requests">Requests, whole or cut.</param>
/// <param name="Faults">What no router may send, with its bytes.</param>
internal sealed record Recorded(List<StrictRequest> Requests, List<string> Faults);

/// <summary>A back end that takes nothing but a request without any fault, and answers with the target it was asked for.</summary>
internal sealed class RawRecorder : IRecorder
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<StrictRequest> _requests = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly Task _accepting;
    private int _busy;
    private volatile bool _stopped;

    public RawRecorder()
    {
        _listener.Start(4096);
        Endpoint = new DynoEndpoint(DynoName.Parse("web.1"), (IPEndPoint)_listener.LocalEndpoint);
        _accepting = AcceptAsync();
    }

    public DynoEndpoint Endpoint { get; }

    public async Task<Recorded> TakeAsync()
    {
        await Poll.UntilAsync(() => Volatile.Read(ref _busy) == 0, () => $"{_busy} requests stay open at the raw recorder");
        var recorded = new Recorded([.. _requests], [.. _faults]);
        _requests.Clear();
        _faults.Clear();
        return recorded;
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception) when (_stopped)
        {
            // How accepting ends depends on where it was.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var bytes = Array.Empty<byte>();
        var buffer = new byte[16 * 1024];
        StrictRequest? cut = null;
        try
        {
            using (socket)
            {
                while (await socket.ReceiveAsync(buffer) is var count and not 0)
                {
                    if (bytes.Length == 0)
                    {
                        Interlocked.Increment(ref _busy);
                    }

                    bytes = [.. bytes, .. buffer.AsSpan(0, count)];
                    while (bytes.Length > 0)
                    {
                        var result = StrictReader.Read(bytes, out cut, out var taken, out var fault);
                        if (result == StrictResult.Bad)
                        {
                            _faults.Enqueue($"{fault}, in: {Escaped.Bytes(bytes)}");
                            return;
                        }

                        if (result == StrictResult.NeedMore)
                        {
                            break;
                        }

                        var whole = cut!;
                        cut = null;
                        await AnswerAsync(socket, bytes.AsMemory(0, taken), whole);
                        bytes = bytes[taken..];
                        if (bytes.Length > 0)
                        {
                            _faults.Enqueue($"bytes behind a request whose answer was not there yet: {Escaped.Bytes(bytes)}");
                        }
                        else
                        {
                            Interlocked.Decrement(ref _busy);
                        }
                    }
                }
            }
        }
        catch (SocketException)
        {
            // The router gave the request up; what came of it is recorded below.
        }
        finally
        {
            if (cut is not null)
            {
                Record(cut, bytes);
            }

            if (bytes.Length > 0)
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }

    private async Task AnswerAsync(Socket socket, ReadOnlyMemory<byte> bytes, StrictRequest request)
    {
        Record(request, bytes.Span);
        var body = request.Method == "HEAD" ? string.Empty : request.Target;
        await socket.SendAsync(Encoding.Latin1.GetBytes(
            $"HTTP/1.1 200 OK\r\nX-Seen: {Convert.ToBase64String(Encoding.Latin1.GetBytes(request.Target))}\r\nContent-Length: {request.Target.Length}\r\n\r\n{body}"));
    }

    private void Record(StrictRequest request, ReadOnlySpan<byte> bytes)
    {
        _requests.Enqueue(request);
        foreach (var fault in FaultsOf(request))
        {
            _faults.Enqueue($"{fault}, in: {Escaped.Bytes(bytes)}");
        }
    }

    /// <summary>What is right for a client and wrong for a router.</summary>
    private static IEnumerable<string> FaultsOf(StrictRequest request)
    {
        if (request.HasBothFramings)
        {
            yield return "Content-Length beside Transfer-Encoding";
        }

        if (request.HasChunkExtensions)
        {
            yield return "a chunk extension";
        }

        if (request.Version != "HTTP/1.1" || !(request.Target.StartsWith('/') || request.Target == "*"))
        {
            yield return "a request line that is not the router's";
        }

        foreach (var name in (string[])["X-Request-Id", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Start", "Via", "Connection"])
        {
            if (request.All(name).Count != 1)
            {
                yield return $"{request.All(name).Count} lines of {name}";
            }
        }

        if (request.All("Content-Length").Count > 1)
        {
            yield return "two lengths";
        }

        if (request.Trailers.Any(line => line.Split(':')[0].ToUpperInvariant() is "CONTENT-LENGTH" or "TRANSFER-ENCODING" or "HOST" or "AUTHORIZATION" or "COOKIE" or "X-FORWARDED-FOR"))
        {
            yield return "a trailer that frames, routes or authenticates";
        }
    }
}
