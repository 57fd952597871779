using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PaaS.Routing;

/// <summary>Linux's socket addresses.</summary>
internal static class SocketAddresses
{
    /// <summary>Room for any address that a TCP socket has.</summary>
    public const int Room = 28;

    /// <summary>Writes an address.</summary>
    /// <returns>Its length.</returns>
    public static int Write(IPEndPoint endpoint, Span<byte> address)
    {
        address[..Room].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)endpoint.Port);
        if (endpoint.AddressFamily == AddressFamily.InterNetwork)
        {
            MemoryMarshal.Write(address, (ushort)Linux.InterNetwork);
            endpoint.Address.TryWriteBytes(address[4..], out _);
            return 16;
        }

        MemoryMarshal.Write(address, (ushort)Linux.InterNetworkV6);
        endpoint.Address.TryWriteBytes(address[8..], out _);
        MemoryMarshal.Write(address[24..], (uint)endpoint.Address.ScopeId);
        return Room;
    }

    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) == Linux.InterNetwork
            ? new IPEndPoint(new IPAddress(address.Slice(4, 4)), port)
            : new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port);
    }

    /// <summary>The address as text, without port and scope; IPv4 in IPv6 as the IPv4 that it is.</summary>
    public static byte[] Text(ReadOnlySpan<byte> address)
    {
        Span<byte> text = stackalloc byte[64];
        var peer = MemoryMarshal.Read<ushort>(address) == Linux.InterNetwork ? new IPAddress(address.Slice(4, 4)) : new IPAddress(address.Slice(8, 16));
        if (peer.IsIPv4MappedToIPv6)
        {
            peer = peer.MapToIPv4();
        }

        peer.TryFormat(text, out var written);
        return text[..written].ToArray();
    }
}
