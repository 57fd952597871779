using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>
/// The socket that clients connect to: one for all loops, so that a second program can't take half of the connections by listening to the same port. What is set
/// on it holds for the connections that it accepts.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ListeningSocket : IDisposable
{
    private bool _isClosed;

    /// <exception cref="SocketException">The address can't be listened to.</exception>
    public ListeningSocket(IPEndPoint endpoint, int backlog)
    {
        var isV6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        Descriptor = LibC.Socket(isV6 ? Linux.InterNetworkV6 : Linux.InterNetwork, Linux.Stream | Linux.NonBlocking | Linux.CloseOnExec, 0);
        if (Descriptor < 0)
        {
            throw Failure("socket", endpoint);
        }

        try
        {
            var address = stackalloc byte[SocketAddresses.Room];
            Set(Linux.SocketLevel, Linux.ReuseAddress, 1);
            Set(Linux.TcpLevel, Linux.NoDelay, 1);
            if (isV6)
            {
                Set(Linux.V6Level, Linux.V6Only, endpoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            }

            if (LibC.Bind(Descriptor, address, SocketAddresses.Write(endpoint, new Span<byte>(address, SocketAddresses.Room))) != 0)
            {
                throw Failure("bind", endpoint);
            }

            if (LibC.Listen(Descriptor, backlog) != 0)
            {
                throw Failure("listen", endpoint);
            }

            var length = SocketAddresses.Room;
            if (LibC.GetSocketName(Descriptor, address, &length) != 0)
            {
                throw Failure("getsockname", endpoint);
            }

            EndPoint = SocketAddresses.Read(new ReadOnlySpan<byte>(address, SocketAddresses.Room));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Descriptor { get; }

    /// <summary>Where it listens: the port is the real one.</summary>
    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _ = LibC.Close(Descriptor);
        }
    }

    private static SocketException Failure(string call, IPEndPoint endpoint)
    {
        var error = Marshal.GetLastPInvokeError();
        var known = error switch
        {
            13 => SocketError.AccessDenied,
            97 => SocketError.AddressFamilyNotSupported,
            98 => SocketError.AddressAlreadyInUse,
            99 => SocketError.AddressNotAvailable,
            _ => SocketError.SocketError,
        };
        return new SocketException((int)known, $"The router can't listen to {endpoint}: {Marshal.GetPInvokeErrorMessage(error)} ({call}, error {error}). Choose another address or port, or stop what has it.");
    }

    private void Set(int level, int option, int value) => _ = LibC.SetSocketOption(Descriptor, level, option, &value, sizeof(int));
}
