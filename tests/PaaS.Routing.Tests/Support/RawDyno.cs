using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>A dyno that does exactly what a test says, connection by connection.</summary>
internal sealed class RawDyno : IAsyncDisposable
{
    private static readonly ConcurrentBag<Socket> Bound = [];
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<RawClient, Task> _behave;
    private readonly Task _accepting;
    private readonly ConcurrentBag<Task> _connections = [];
    private int _count;
    private volatile bool _stopped;

    public RawDyno(Func<RawClient, Task> behave, string name = "web.1")
    {
        _behave = behave;
        _listener.Start();
        Endpoint = new DynoEndpoint(DynoName.Parse(name), (IPEndPoint)_listener.LocalEndpoint);
        _accepting = AcceptAsync();
    }

    public DynoEndpoint Endpoint { get; }

    public int Connections => Volatile.Read(ref _count);

    /// <summary>The requests that were read by <see cref="Answering"/>.</summary>
    public ConcurrentQueue<RawResponse> Requests { get; } = [];

    /// <summary>A dyno that reads a request and answers it with these bytes, again and again, then closes when they say so.</summary>
    public static RawDyno Answering(string response, string name = "web.1")
    {
        RawDyno? dyno = null;
        dyno = new RawDyno(
            async connection =>
            {
                while (true)
                {
                    dyno!.Requests.Enqueue(await connection.ReadResponseAsync());
                    await connection.SendAsync(response);
                    if (response.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
                    {
                        return;
                    }
                }
            },
            name);
        return dyno;
    }

    public static RawDyno Hello(string name = "web.1") => Answering("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", name);

    /// <summary>An address at which nobody listens.</summary>
    public static DynoEndpoint Refusing(string name = "web.1")
    {
        // Bound and not listening: connects are refused, and nobody else gets the port while the test runs.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = new DynoEndpoint(DynoName.Parse(name), (IPEndPoint)socket.LocalEndPoint!);
        Bound.Add(socket);
        return endpoint;
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
                var socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _count);
                _connections.Add(BehaveAsync(socket));
            }
        }
        catch (Exception) when (_stopped)
        {
            // How accepting ends depends on where it was.
        }
    }

    private async Task BehaveAsync(Socket socket)
    {
        await using var connection = new RawClient(socket);
        try
        {
            await _behave(connection);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The router closed it; tests look at what arrived.
        }
    }
}
