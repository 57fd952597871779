using System.Net;
using System.Net.Sockets;

namespace PaaS.Routing.Tests;

/// <summary>What a client got for what it sent.</summary>
/// <param name="Bytes">All bytes.</param>
/// <param name="Responses">The final responses in them.</param>
/// <param name="IsClosed">Whether the router ended the connection.</param>
/// <param name="Fault">What no router may send or do.</param>
internal sealed record ClientSaw(byte[] Bytes, List<StrictResponse> Responses, bool IsClosed, string? Fault);

/// <summary>Sends a stream of requests and reads until all is answered that can be, or the router ends the connection.</summary>
internal static class HostileClient
{
    /// <summary>Each client has an address of its own: in X-Forwarded-For and in the router line it tells whose request it is.</summary>
    public static IPAddress AddressOf(int number) => new([127, (byte)(1 + (number >> 16)), (byte)(number >> 8), (byte)number]);

    /// <summary>How long nothing comes before a client leaves that can't know what it may wait for.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends, and reads until nothing comes any more.</summary>
    public static async Task<ClientSaw> RunAsync(int port, IPAddress address, byte[] bytes, IEnumerable<int> cuts)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(address, 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        using var limit = new CancellationTokenSource(Limit.Unexpected);
        var sending = SendAsync(socket, bytes, cuts, limit.Token);
        var received = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                using var quiet = new CancellationTokenSource(Quiet);
                var count = await ReceiveAsync(socket, buffer, quiet.Token);
                if (count == 0)
                {
                    return new ClientSaw(received.ToArray(), [], true, null);
                }

                received.Write(buffer, 0, count);
            }
        }
        catch (OperationCanceledException)
        {
            await sending;
            return new ClientSaw(received.ToArray(), [], false, null);
        }
    }

    public static async Task<ClientSaw> RunAsync(int port, IPAddress address, byte[] bytes, IEnumerable<int> cuts, List<StrictRequest> requests, StreamEnd end, bool refusesHead, bool resets)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(address, 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        using var limit = new CancellationTokenSource(Limit.Unexpected);
        var sending = SendAsync(socket, bytes, cuts, limit.Token);
        var received = new byte[4096];
        var length = 0;
        var wanted = end == StreamEnd.Cut ? requests.Count(request => request.IsWhole) : requests.Count;
        var closed = false;
        List<StrictResponse> responses = [];
        string? fault = null;
        bool? IsHead(int number) => number < requests.Count ? requests[number].Method == "HEAD" : refusesHead ? null : false;
        try
        {
            while (!closed && fault is null)
            {
                if (end is StreamEnd.Clean or StreamEnd.Cut && responses.Count(response => response.IsWhole) >= wanted && !(responses.Count > 0 && responses[^1].Closes))
                {
                    await sending;
                    break;
                }

                if (length == received.Length)
                {
                    Array.Resize(ref received, length * 2);
                }

                var count = await ReceiveAsync(socket, received.AsMemory(length), limit.Token);
                closed = count == 0;
                length += count;
                responses = StrictResponse.ReadAll(received.AsSpan(0, length), IsHead, closed, out fault);
            }

            await sending;
        }
        catch (OperationCanceledException)
        {
            fault = $"the router neither answers nor closes: {responses.Count} of {wanted} responses, the stream ends '{end}'";
        }

        if (resets)
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        return new ClientSaw(received[..length], responses, closed, fault);
    }

    private static async Task<int> ReceiveAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, IEnumerable<int> cuts, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var cut in cuts)
            {
                var segment = bytes[..cut];
                bytes = bytes[cut..];
                while (segment.Length > 0)
                {
                    segment = segment[await socket.SendAsync(segment, cancellationToken)..];
                }

                await Task.Yield();
            }
        }
        catch (SocketException)
        {
            // The router has closed: it refused what came before.
        }
    }
}
