using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>An HTTP/2 client that sends exactly the headers it is given, also those that no client may send.</summary>
internal sealed class RawHttp2Client : IAsyncDisposable
{
    private static readonly string[] Errors =
    [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM",
        "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ];

    private readonly SslStream _stream;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<int, RawHttp2Stream> _streams = [];
    private readonly Task _reading;
    private int _last = -1;

    private RawHttp2Client(SslStream stream)
    {
        _stream = stream;
        _reading = ReadAsync();
    }

    public bool IsOpen => !_reading.IsCompleted;

    /// <summary>Completes when the connection has ended.</summary>
    public Task Closed => _reading;

    /// <summary>Connects over TLS; whatever the certificate, it is taken.</summary>
    public static async Task<RawHttp2Client> ConnectAsync(Socket socket, string serverName)
    {
        var tls = await OpenTlsAsync(socket, serverName, SslApplicationProtocol.Http2);
        Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);

        // The preface, and settings: no dynamic table, no push.
        await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x0C\x04\0\0\0\0\0\0\x01\0\0\0\0\0\x02\0\0\0\0"u8.ToArray(), Limit.Token);
        return new RawHttp2Client(tls);
    }

    public static async Task<SslStream> OpenTlsAsync(Socket socket, string serverName, params List<SslApplicationProtocol> protocols)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            ApplicationProtocols = protocols,
#pragma warning disable CA5359 // The certificates are this test's own.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        };
        await tls.AuthenticateAsClientAsync(options, Limit.Token);
        return tls;
    }

    /// <summary>Sends a request; nothing of it is checked.</summary>
    public async Task<RawHttp2Stream> BeginAsync(IEnumerable<(string Name, string Value)> headers, byte[]? body)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0); // literal, not to be indexed
            WriteText(block, name);
            WriteText(block, value);
        }

        RawHttp2Stream stream;
        lock (_streams)
        {
            _last += 2;
            stream = new RawHttp2Stream(_last);
            _streams.Add(_last, stream);
        }

        await SendAsync(type: 1, flags: (byte)(body is null ? 0x5 : 0x4), stream.Id, block.ToArray());
        if (body is not null)
        {
            await SendAsync(type: 0, flags: 1, stream.Id, body);
        }

        return stream;
    }

    public Task ResetAsync(RawHttp2Stream stream) => SendAsync(type: 3, flags: 0, stream.Id, [0, 0, 0, 8]);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private static void WriteText(MemoryStream block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var length = bytes.Length;
        if (length < 127)
        {
            block.WriteByte((byte)length);
        }
        else
        {
            block.WriteByte(127);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.WriteByte((byte)(length & 0x7F | 0x80));
            }

            block.WriteByte((byte)length);
        }

        block.Write(bytes);
    }

    private async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _writing.WaitAsync(Limit.Token);
        try
        {
            await _stream.WriteAsync(frame, Limit.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        var head = new byte[9];
        var block = new MemoryStream();
        string? error = null;
        try
        {
            while (await _stream.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false) == 9)
            {
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
                await _stream.ReadExactlyAsync(payload);
                if (head[3] == 7)
                {
                    error = ErrorAt(payload.AsSpan(4));
                }

                await TakeAsync(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload, block);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The connection is lost, or was closed by this end: streams that are open have ended.
        }

        lock (_streams)
        {
            foreach (var stream in _streams.Values)
            {
                stream.End(error is null or "NO_ERROR" ? "closed" : error);
            }
        }
    }

    private async Task TakeAsync(byte type, byte flags, int id, byte[] payload, MemoryStream block)
    {
        RawHttp2Stream? stream;
        lock (_streams)
        {
            _streams.TryGetValue(id, out stream);
        }

        switch (type)
        {
            case 0 when payload.Length > 0: // DATA
                stream?.Body.Write(payload);
                byte[] window = [0, 0, 0, 0];
                BinaryPrimitives.WriteInt32BigEndian(window, payload.Length);
                await SendAsync(type: 8, flags: 0, stream: 0, window);
                break;
            case 1 or 9: // HEADERS, CONTINUATION
                block.Write(payload);
                if ((flags & 4) != 0)
                {
                    stream?.Take(new HpackDecoder(block.ToArray()).Read());
                    block.SetLength(0);
                }

                break;
            case 3: // RST_STREAM
                stream?.End(ErrorAt(payload));
                break;
            case 4 when (flags & 1) == 0: // SETTINGS
                await SendAsync(type: 4, flags: 1, stream: 0, []);
                break;
            case 6 when (flags & 1) == 0: // PING
                await SendAsync(type: 6, flags: 1, stream: 0, payload);
                break;
        }

        if (type is 0 or 1 && (flags & 1) != 0)
        {
            stream?.End(error: null);
        }
    }

    private static string ErrorAt(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt32BigEndian(bytes) is >= 0 and var code && code < Errors.Length ? Errors[code] : "unknown";
}

/// <summary>A request of an HTTP/2 client, and its response.</summary>
internal sealed class RawHttp2Stream(int id)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<List<(string Name, string Value)>> _blocks = [];

    public int Id => id;

    public Task Ended => _ended.Task;

    /// <summary>With which error it ended; null if with none.</summary>
    public string? Error { get; private set; }

    public MemoryStream Body { get; } = new();

    /// <summary>The header blocks that came: interim ones, the response's, trailers.</summary>
    public IReadOnlyList<IReadOnlyList<(string Name, string Value)>> Blocks => _blocks;

    public void Take(List<(string Name, string Value)> block) => _blocks.Add(block);

    public void End(string? error)
    {
        if (!_ended.Task.IsCompleted)
        {
            Error = error;
            _ended.TrySetResult();
        }
    }
}
