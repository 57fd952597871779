using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>One end of a TCP connection that speaks HTTP/1.1 by hand; text is Latin-1, one character one byte.</summary>
internal sealed class RawClient(Socket socket) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MemoryStream _unread = new();

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Limit.Token);
        return new RawClient(socket);
    }

    public string LocalAddress => ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, Limit.Token)..];
        }
    }

    /// <summary>Reads up to and with a text.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var text = new StringBuilder();
        while (true)
        {
            text.Append(TakeUnread());
            var at = text.ToString().IndexOf(end, StringComparison.Ordinal);
            if (at >= 0)
            {
                var whole = text.ToString();
                Unread(whole[(at + end.Length)..]);
                return whole[..(at + end.Length)];
            }

            var count = await socket.ReceiveAsync(_buffer, Limit.Token);
            if (count == 0)
            {
                throw new EndOfStreamException($"Closed after '{text}', before '{end}'.");
            }

            text.Append(Encoding.Latin1.GetString(_buffer, 0, count));
        }
    }

    public async Task<string> ReadExactlyAsync(int count)
    {
        var text = new StringBuilder(TakeUnread());
        while (text.Length < count)
        {
            var read = await socket.ReceiveAsync(_buffer, Limit.Token);
            if (read == 0)
            {
                throw new EndOfStreamException($"Closed after {text.Length} of {count} bytes.");
            }

            text.Append(Encoding.Latin1.GetString(_buffer, 0, read));
        }

        Unread(text.ToString()[count..]);
        return text.ToString()[..count];
    }

    /// <summary>Reads until the other end closes or resets.</summary>
    public async Task<string> ReadToCloseAsync()
    {
        var text = new StringBuilder(TakeUnread());
        try
        {
            while (await socket.ReceiveAsync(_buffer, Limit.Token) is var read and not 0)
            {
                text.Append(Encoding.Latin1.GetString(_buffer, 0, read));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
        }

        return text.ToString();
    }

    /// <summary>Reads a message: head, and body by its framing.</summary>
    public async Task<RawResponse> ReadResponseAsync(bool noBody = false)
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var message = new RawResponse(lines[0], [.. lines[1..].Select(line => line.Split(':', 2)).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1].Trim()))]);
        if (noBody || message.Line.StartsWith("HTTP/1.1 204", StringComparison.Ordinal) || message.Line.StartsWith("HTTP/1.1 304", StringComparison.Ordinal))
        {
            return message;
        }

        if (message.Header("Transfer-Encoding") is not null)
        {
            var body = new StringBuilder();
            while (true)
            {
                var size = int.Parse((await ReadUntilAsync("\r\n"))[..^2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                body.Append((await ReadExactlyAsync(size + 2))[..size]);
                if (size == 0)
                {
                    return message with { Body = body.ToString() };
                }
            }
        }

        var length = message.Header("Content-Length");
        return message with
        {
            Body = length is not null ? await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture))
                : message.Line.StartsWith("HTTP/", StringComparison.Ordinal) ? await ReadToCloseAsync() : string.Empty,
        };
    }

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private string TakeUnread()
    {
        var text = Encoding.Latin1.GetString(_unread.ToArray());
        _unread.SetLength(0);
        return text;
    }

    private void Unread(string text) => _unread.Write(Encoding.Latin1.GetBytes(text));
}

/// <summary>A message as it was on the wire: a response, or at a dyno a request.</summary>
internal sealed record RawResponse(string Line, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public string Body { get; init; } = string.Empty;

    public int Status => int.Parse(Line.Split(' ')[1], CultureInfo.InvariantCulture);

    public string? Header(string name) => All(name) is [var first, ..] ? first : null;

    public List<string> All(string name) => [.. Headers.Where(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value)];
}
