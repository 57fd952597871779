using System.Net.Sockets;
using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>Short words for raw sockets.</summary>
internal static class SocketWords
{
    public static async Task SendTextAsync(this Socket socket, string text) => await socket.SendAllAsync(Encoding.Latin1.GetBytes(text));

    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, Limit.Token)..];
        }
    }

    /// <summary>Reads so many bytes, or fewer if the stream ends.</summary>
    public static async Task<byte[]> ReadAsync(this Socket socket, int count)
    {
        var bytes = new byte[count];
        var read = 0;
        while (read < count && await socket.ReceiveAsync(bytes.AsMemory(read), Limit.Token) is var more and > 0)
        {
            read += more;
        }

        return bytes[..read];
    }

    public static async Task<string> ReadTextAsync(this Socket socket, int count) => Encoding.Latin1.GetString(await socket.ReadAsync(count));

    /// <summary>What comes until the stream ends, or a reset.</summary>
    public static async Task<(byte[] Bytes, bool WasReset)> ReadToEndAsync(this Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, Limit.Token) is var read and > 0)
            {
                all.Write(buffer, 0, read);
            }

            return (all.ToArray(), false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (all.ToArray(), true);
        }
    }

    /// <summary>Closes with a reset.</summary>
    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <summary>A link's socket, to look at.</summary>
    public static Socket Of(Link link) => new(new SafeSocketHandle(((EpollLink)link).Descriptor, ownsHandle: false));

    /// <summary>Bytes that differ from each other at any distance that matters.</summary>
    public static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
