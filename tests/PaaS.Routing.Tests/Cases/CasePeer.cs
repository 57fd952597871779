using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>One end of a connection of a case: keeps all that it receives, reads on in the background unless told to stop.</summary>
internal sealed class CasePeer : IAsyncDisposable
{
    /// <summary>How much of one sending goes in pieces, if any.</summary>
    private const int MostInPieces = 600;

    private readonly Lock _changing = new();
    private readonly Socket _socket;
    private readonly Stream _stream;
    private Task _reading = Task.CompletedTask;
    private byte[] _bytes = new byte[4096];
    private int _length;
    private string? _ended;
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource? _resumed;

    /// <param name="socket">The connection.</param>
    /// <param name="stream">What is spoken over it, such as TLS.</param>
    public CasePeer(Socket socket, Stream? stream = null)
    {
        _socket = socket;
        _stream = stream ?? new NetworkStream(socket);
    }

    /// <summary>All that was received.</summary>
    public ReadOnlyMemory<byte> Received
    {
        get
        {
            lock (_changing)
            {
                return _bytes.AsMemory(0, _length);
            }
        }
    }

    /// <summary>How it ended: <c>fin</c>, <c>rst</c> or <c>closed</c> by this end; null while it is open.</summary>
    public string? Ended
    {
        get
        {
            lock (_changing)
            {
                return _ended;
            }
        }
    }

    /// <summary>Completes with the next bytes, or with the end.</summary>
    public Task Changed
    {
        get
        {
            lock (_changing)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>How much of <see cref="Received"/> the script has read.</summary>
    public int Position { get; set; }

    /// <summary>Whether it stops reading by itself once it has the head of a message: a script that wants this would be too late.</summary>
    public bool StopsAfterHead { get; init; }

    /// <summary>Whether what it sends first, as far as heads go, is sent in pieces of a few bytes.</summary>
    public bool SendsInPieces { get; init; }

    public ReadOnlyMemory<byte> Unread => Received[Position..];

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, Limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to read.</summary>
    public CasePeer Start()
    {
        _reading = ReadAsync();
        return this;
    }

    /// <summary>Sends; false if the connection no longer takes it.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var left = SendsInPieces ? MostInPieces : 0; left > 0 && bytes.Length > 0;)
            {
                var length = Math.Min(Random.Shared.Next(1, 6), bytes.Length);
                await _stream.WriteAsync(bytes[..length], cancellationToken);
                await Task.Yield();
                bytes = bytes[length..];
                left -= length;
            }

            await _stream.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Sends as much as is taken, until nothing is for a while.</summary>
    /// <returns>How many bytes were taken.</returns>
    public long Flood(long bytes, int stallMs)
    {
        var block = new byte[64 * 1024];
        block.AsSpan().Fill((byte)'x');
        long sent = 0;
        _socket.Blocking = false;
        while (sent < bytes && _socket.Poll(stallMs * 1000, SelectMode.SelectWrite))
        {
            var count = _socket.Send(block, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                break;
            }

            sent += count;
        }

        return sent;
    }

    public void StopReading()
    {
        lock (_changing)
        {
            _resumed ??= NewSignal();
        }
    }

    public void ResumeReading()
    {
        lock (_changing)
        {
            _resumed?.TrySetResult();
            _resumed = null;
        }
    }

    /// <summary>Waits for something in what is received; false if it does not come in time, or can't come any more.</summary>
    public async Task<bool> WaitAsync(Func<bool> holds, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        while (true)
        {
            Task changed;
            bool ended;
            lock (_changing)
            {
                (changed, ended) = (_changed.Task, _ended is not null);
            }

            if (holds())
            {
                return true;
            }

            if (ended)
            {
                return false;
            }

            try
            {
                await changed.WaitAsync(late.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return holds();
            }
        }
    }

    public Task<bool> WaitForEndAsync(TimeSpan limit, CancellationToken cancellationToken) => WaitAsync(() => Ended is not null, limit, cancellationToken);

    public void HalfClose()
    {
        if (_socket.Connected)
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Closes in an orderly way, or with a reset.</summary>
    public void Close(bool reset)
    {
        if (reset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        else if (_socket.Connected)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The other end was faster.
            }
        }

        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        ResumeReading();
        await _reading;
        await _stream.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            Task? resumed;
            lock (_changing)
            {
                resumed = _resumed?.Task;
            }

            if (resumed is not null)
            {
                await resumed;
            }

            string? ended = null;
            var count = 0;
            try
            {
                count = await _stream.ReadAsync(buffer);
                ended = count == 0 ? "fin" : null;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                ended = (e.InnerException ?? e) is SocketException { SocketErrorCode: SocketError.OperationAborted } ? "closed" : "rst";
            }
            catch (ObjectDisposedException)
            {
                ended = "closed";
            }

            Add(buffer.AsSpan(0, count), ended);
            if (ended is not null)
            {
                return;
            }

            if (StopsAfterHead && HttpMessage.HasHead(Received))
            {
                StopReading();
            }
        }
    }

    private void Add(ReadOnlySpan<byte> bytes, string? ended)
    {
        TaskCompletionSource changed;
        lock (_changing)
        {
            if (_bytes.Length - _length < bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
            }

            bytes.CopyTo(_bytes.AsSpan(_length));
            _length += bytes.Length;
            _ended = ended;
            changed = _changed;
            _changed = NewSignal();
        }

        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
