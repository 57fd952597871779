using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Testing;

/// <summary>How a WebSocket message was answered.</summary>
internal enum EchoResult
{
    /// <summary>It came back.</summary>
    Echoed,

    /// <summary>Something else came back.</summary>
    Other,

    /// <summary>The other end closed the session with a close frame.</summary>
    Closed,

    /// <summary>The connection ended without one.</summary>
    Cut,
}

/// <summary>One WebSocket session on a connection: as much of RFC 6455 as it takes to send short texts and read the answers.</summary>
internal sealed class WebSocketWire(HttpWire wire, Random random)
{
    private const int TextFrame = 1;
    private const int CloseFrame = 8;
    private const int PingFrame = 9;
    private const int PongFrame = 10;
    private const int MaxFrame = 64 * 1024;
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Asks for the upgrade.</summary>
    /// <exception cref="RequestFailedException">It was refused.</exception>
    public async Task ShakeHandsAsync(LoadClient client, string path, CancellationToken cancellationToken)
    {
        var nonce = new byte[16];
        random.NextBytes(nonce);
        var key = Convert.ToBase64String(nonce);
        await wire.SendAsync(client.Head("GET", path, $"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"), cancellationToken);
        var answer = await wire.ReceiveAsync(cancellationToken);
        if (answer.Status != 101)
        {
            LoadClient.Check(answer, most: 0, $"the WebSocket handshake at {path}");
        }

        if (answer.Headers.GetValueOrDefault("sec-websocket-accept") != Accept(key))
        {
            throw new RequestFailedException(FailureCause.WrongContent, $"the WebSocket handshake at {path} was answered with a wrong Sec-WebSocket-Accept");
        }
    }

    /// <summary>Sends a text and waits for it to come back.</summary>
    public async Task<EchoResult> EchoAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(TextFrame, Encoding.UTF8.GetBytes(text), cancellationToken);
            while (await ReadFrameAsync(cancellationToken) is var (kind, payload))
            {
                switch (kind)
                {
                    case CloseFrame:
                        await SendAsync(CloseFrame, payload, cancellationToken);
                        return EchoResult.Closed;
                    case PingFrame:
                        await SendAsync(PongFrame, payload, cancellationToken);
                        break;
                    case PongFrame:
                        break;
                    default:
                        return Encoding.UTF8.GetString(payload) == text ? EchoResult.Echoed : EchoResult.Other;
                }
            }

            return EchoResult.Cut;
        }
        catch (RequestFailedException e) when (e.Cause is FailureCause.Reset or FailureCause.Truncated)
        {
            return EchoResult.Cut;
        }
    }

    /// <summary>Ends the session in order: normal closure.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(CloseFrame, [3, 232], cancellationToken);
            while (await ReadFrameAsync(cancellationToken) is var (kind, _) && kind != CloseFrame)
            {
            }
        }
        catch (RequestFailedException e) when (e.Cause is FailureCause.Reset or FailureCause.Truncated)
        {
            // The other end left without a word, which is all that was wanted.
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 asks for SHA-1; it secures nothing.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));

    private async Task SendAsync(int kind, byte[] payload, CancellationToken cancellationToken)
    {
        var mask = new byte[4];
        random.NextBytes(mask);
        var frame = new byte[6 + payload.Length];
        frame[0] = (byte)(0x80 | kind);
        frame[1] = (byte)(0x80 | payload.Length);
        mask.CopyTo(frame, 2);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[6 + i] = (byte)(payload[i] ^ mask[i % 4]);
        }

        await wire.SendAsync(frame, cancellationToken);
    }

    private async Task<(int Kind, byte[] Payload)?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        var head = new byte[2];
        if (!await wire.ReadAsync(head, cancellationToken))
        {
            return null;
        }

        long length = head[1] & 0x7F;
        if (length >= 126)
        {
            var more = new byte[length == 126 ? 2 : 8];
            await RequireAsync(more, cancellationToken);
            length = more.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(more) : BinaryPrimitives.ReadInt64BigEndian(more);
        }

        if (length is < 0 or > MaxFrame || (head[1] & 0x80) != 0)
        {
            throw new RequestFailedException(FailureCause.WrongContent, "a WebSocket frame of the app is masked or larger than anything sent to it");
        }

        var payload = new byte[length];
        await RequireAsync(payload, cancellationToken);
        var kind = head[0] & 0x0F;

        // A control frame holds 125 bytes at most; what is sent back must not be longer.
        return (kind, kind >= CloseFrame && payload.Length > 125 ? payload[..125] : payload);
    }

    private async Task RequireAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length > 0 && !await wire.ReadAsync(bytes, cancellationToken))
        {
            throw new RequestFailedException(FailureCause.Truncated, "a WebSocket frame broke off");
        }
    }
}
