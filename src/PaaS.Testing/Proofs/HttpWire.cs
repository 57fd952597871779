using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Testing;

/// <param name="Status">The status.</param>
/// <param name="Headers">The last value of each header.</param>
/// <param name="Body">The first 64 KiB of the body; all of it has been read.</param>
/// <param name="KeepsAlive">Whether another request may follow on the connection.</param>
internal sealed record HttpAnswer(int Status, Dictionary<string, string> Headers, string Body, bool KeepsAlive);

/// <summary>
/// One client connection, HTTP/1.1 by hand: a client library would send a request again that found its connection closed, and
/// so hide what is to be counted.
/// </summary>
internal sealed class HttpWire : IAsyncDisposable
{
    private const int MaxLine = 16 * 1024;
    private const int MaxHeaders = 200;
    private const int KeptBody = 64 * 1024;

    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    private HttpWire(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    public static async Task<HttpWire> OpenAsync(EndPoint router, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(router, cancellationToken);
            return new HttpWire(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new RequestFailedException(FailureCause.ConnectRefused, $"could not connect to {router}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException e)
        {
            throw new RequestFailedException(FailureCause.Reset, $"the connection broke while the request was sent: {e.Message}", e);
        }
    }

    /// <summary>Reads one answer to its end; of 101 only the head, what follows is read by <see cref="ReadAsync"/>.</summary>
    public async Task<HttpAnswer> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await LineAsync(FailureCause.Reset, cancellationToken);
            if (!line.StartsWith("HTTP/1.", StringComparison.Ordinal) || line.Length < 12 || !int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            {
                throw new RequestFailedException(FailureCause.WrongContent, $"the answer starts with '{Shown(line)}'");
            }

            var headers = await HeadersAsync(cancellationToken);
            if (status is >= 100 and < 200 and not 101)
            {
                continue;
            }

            var (body, framed) = await BodyAsync(status, headers, cancellationToken);
            var closes = headers.GetValueOrDefault("connection", string.Empty).Contains("close", StringComparison.OrdinalIgnoreCase);
            return new HttpAnswer(status, headers, body, framed && !closes && status != 101);
        }
    }

    /// <summary>Reads exactly so many bytes.</summary>
    /// <returns>False if the connection ended before the first one.</returns>
    public async Task<bool> ReadAsync(Memory<byte> to, CancellationToken cancellationToken)
    {
        for (var done = 0; done < to.Length;)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                return done == 0 && to.Length > 0 ? false : throw Broken();
            }

            var count = Math.Min(_end - _start, to.Length - done);
            _buffer.AsSpan(_start, count).CopyTo(to.Span[done..]);
            (_start, done) = (_start + count, done + count);
        }

        return true;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static RequestFailedException Broken() => new(FailureCause.Truncated, "the answer broke off");

    private static string Shown(string text) => new([.. text.Take(100).Select(static c => char.IsControl(c) ? '?' : c)]);

    private async Task<Dictionary<string, string>> HeadersAsync(CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var count = 0; count < MaxHeaders; count++)
        {
            var line = await LineAsync(FailureCause.Truncated, cancellationToken);
            if (line.Length == 0)
            {
                return headers;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new RequestFailedException(FailureCause.WrongContent, $"a header reads '{Shown(line)}'");
            }

            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        throw new RequestFailedException(FailureCause.WrongContent, $"the answer has more than {MaxHeaders} headers");
    }

    private async Task<(string Body, bool Framed)> BodyAsync(int status, Dictionary<string, string> headers, CancellationToken cancellationToken)
    {
        var kept = new MemoryStream();
        if (status is 101 or 204 or 304)
        {
            return (string.Empty, true);
        }

        var framed = true;
        if (headers.GetValueOrDefault("transfer-encoding", string.Empty).EndsWith("chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (await ChunkAsync(cancellationToken) is > 0 and var length)
            {
                await TakeAsync(length, kept, cancellationToken);
                await LineAsync(FailureCause.Truncated, cancellationToken);
            }

            await HeadersAsync(cancellationToken);
        }
        else if (headers.TryGetValue("content-length", out var text))
        {
            await TakeAsync(Number(text, NumberStyles.None), kept, cancellationToken);
        }
        else
        {
            framed = false;
            while (await FillAsync(cancellationToken))
            {
                Keep(kept, _end - _start);
            }
        }

        return (Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length), framed);
    }

    private async Task<long> ChunkAsync(CancellationToken cancellationToken)
    {
        var line = await LineAsync(FailureCause.Truncated, cancellationToken);
        return Number(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier);
    }

    private static long Number(string text, NumberStyles style) => long.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && number >= 0
        ? number
        : throw new RequestFailedException(FailureCause.WrongContent, $"the answer gives '{Shown(text)}' as a length");

    private async Task TakeAsync(long length, MemoryStream kept, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw Broken();
            }

            var count = (int)Math.Min(_end - _start, length);
            Keep(kept, count);
            length -= count;
        }
    }

    private void Keep(MemoryStream kept, int count)
    {
        kept.Write(_buffer, _start, (int)Math.Min(count, KeptBody - kept.Length));
        _start += count;
    }

    private async Task<string> LineAsync(FailureCause ifEnded, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < MaxLine)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw line.Length == 0 ? new RequestFailedException(ifEnded, ifEnded == FailureCause.Reset ? "the connection was closed without an answer" : "the answer broke off") : Broken();
            }

            var c = (char)_buffer[_start++];
            if (c == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(c);
        }

        throw new RequestFailedException(FailureCause.WrongContent, $"a line of the answer is longer than {MaxLine} bytes");
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            _start = 0;
            _end = 0;
            _end = await _stream.ReadAsync(_buffer, cancellationToken);
            return _end > 0;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown })
        {
            throw new RequestFailedException(FailureCause.Reset, "the connection was reset", e);
        }
    }
}
