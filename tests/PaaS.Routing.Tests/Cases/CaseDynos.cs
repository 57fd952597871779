using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>The nodes of a case: they listen, refuse or stay silent, and play their scripts.</summary>
internal sealed class CaseDynos : IAsyncDisposable
{
    private readonly CaseStage _stage;
    private readonly Lock _adding = new();
    private readonly List<(string Node, CasePeer Peer)> _connections = [];
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _accepting = [];
    private readonly List<Task> _playing = [];

    private readonly bool _sendsInPieces;
    private TaskCompletionSource _connected = NewSignal();

    private CaseDynos(CaseStage stage, bool sendsInPieces) => (_stage, _sendsInPieces) = (stage, sendsInPieces);

    public List<DynoEndpoint> Endpoints { get; } = [];

    /// <summary>All connections in the order in which they were made.</summary>
    public (string Node, CasePeer Peer)[] Connections
    {
        get
        {
            lock (_adding)
            {
                return [.. _connections];
            }
        }
    }

    /// <summary>Completes with the next connection.</summary>
    public Task Connected
    {
        get
        {
            lock (_adding)
            {
                return _connected.Task;
            }
        }
    }

    public static CaseDynos Start(CaseStage stage, IEnumerable<CaseNode> nodes, bool sendInPieces)
    {
        var dynos = new CaseDynos(stage, sendInPieces);
        foreach (var node in nodes)
        {
            dynos.Start(node);
        }

        return dynos;
    }

    /// <summary>Ends all, once the case is over. What a script met that it should not is thrown.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_accepting).WaitAsync(Limit.Unexpected);
        await Task.WhenAll(_playing).WaitAsync(Limit.Unexpected);
        foreach (var (_, peer) in _connections)
        {
            await peer.DisposeAsync();
        }
    }

    private void Start(CaseNode node)
    {
        var socket = NewSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)socket.LocalEndPoint!;
        Endpoints.Add(new DynoEndpoint(DynoName.Parse(node.Name), address));
        switch (node.Mode)
        {
            case "listen":
                socket.Listen(512);
                _accepting.Add(AcceptAsync(node, socket));
                break;
            case "refuse":
                // Bound and not listening: connects are refused, and nobody else gets the port.
                break;
            case "refuse_then_listen":
                _accepting.Add(ListenLateAsync(node, socket));
                break;
            case "blackhole":
                FillBacklog(socket, address);
                break;
            default:
                throw new InvalidDataException($"The runner does not know the mode '{node.Mode}'.");
        }
    }

    /// <summary>A backlog that is full: the kernel leaves further handshakes without an answer.</summary>
    private void FillBacklog(Socket socket, IPEndPoint address)
    {
        socket.Listen(0);
        for (var i = 0; i < 3; i++)
        {
            var filler = NewSocket();
            filler.Blocking = false;
            try
            {
                filler.Connect(address);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It is under way; whether it comes through does not matter.
            }
        }
    }

    private async Task ListenLateAsync(CaseNode node, Socket socket)
    {
        try
        {
            // A node that is late is what the case is about.
            await Task.Delay(node.AfterMs, _stage.Over);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        socket.Listen(512);
        await AcceptAsync(node, socket);
    }

    private async Task AcceptAsync(CaseNode node, Socket socket)
    {
        for (var count = 0; ; count++)
        {
            Socket connection;
            try
            {
                connection = await socket.AcceptAsync(_stage.Over);
            }
            catch (Exception e) when (_stage.Over.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            connection.NoDelay = true;
            var steps = node.Scripts.Count == 0 ? [] : node.Scripts[Math.Min(count, node.Scripts.Count - 1)].EnumerateArray().ToList();
            var peer = new CasePeer(connection)
            {
                StopsAfterHead = steps is [var first, var second, ..] && first.Text("read") == "head" && second.Find("stop_reading") is not null,
                SendsInPieces = _sendsInPieces,
            }.Start();
            TaskCompletionSource connected;
            lock (_adding)
            {
                _connections.Add((node.Name, peer));
                _playing.Add(PlayAsync(node, peer, steps));
                connected = _connected;
                _connected = NewSignal();
            }

            connected.SetResult();
        }
    }

    private async Task PlayAsync(CaseNode node, CasePeer peer, List<JsonElement> steps)
    {
        await Task.Yield();
        try
        {
            await new CaseScript(_stage, node.Name, peer).PlayAsync(steps);
        }
        catch (OperationCanceledException) when (_stage.Over.IsCancellationRequested)
        {
            // The case ended before its script.
        }
    }

    private Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        return socket;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
