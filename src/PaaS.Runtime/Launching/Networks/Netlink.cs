using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// A conversation with the kernel about the interfaces, addresses and routes of the network that its maker's thread was in.
/// Any thread may use it, one at a time.
/// </summary>
internal sealed unsafe class Netlink : IDisposable
{
    private const int Family = 16;
    private const int Raw = 3;
    private const ushort ErrorMessage = 2;
    private const ushort Done = 3;
    private const int LinkSize = 16;
    private const ushort NameAttribute = 3;
    private const int TypeMask = 0x3fff;

    // The kernel fills at most 32 KiB at a time.
    private readonly byte[] _buffer = new byte[32_768];
    private readonly int _socket;
    private uint _sequence;

    /// <exception cref="NetworkRefusedException">The kernel has no rtnetlink for this process.</exception>
    public Netlink()
    {
        _socket = NetworkCalls.Socket(Family, Raw | Libc.OpenCloseOnExec, 0);
        NetworkRefusedException.ThrowIf(_socket < 0, "opening a netlink socket");
    }

    /// <summary>Asks for a change and waits until it is made.</summary>
    /// <param name="message">What to change.</param>
    /// <param name="what">For the error's text.</param>
    /// <exception cref="NetworkRefusedException">The kernel refused it.</exception>
    public void Change(NetlinkMessage message, string what)
    {
        var error = TryChange(message);
        if (error != 0)
        {
            throw new NetworkRefusedException(what, error);
        }
    }

    /// <summary>Asks for a change and waits until it is made.</summary>
    /// <returns>0, or the kernel's errno.</returns>
    public int TryChange(NetlinkMessage message)
    {
        Send(message);
        return Receive(static _ => { });
    }

    /// <summary>All interfaces by their numbers.</summary>
    public Dictionary<int, string> Links()
    {
        var names = new Dictionary<int, string>();
        Dump(new NetlinkMessage(NetlinkRequest.GetLink, NetlinkFlags.Dump).Link(), "reading the machine's interfaces", message =>
        {
            foreach (var (type, value) in Attributes(message.AsSpan(LinkSize)))
            {
                if (type == NameAttribute)
                {
                    names[MemoryMarshal.Read<int>(message.AsSpan(4))] = Encoding.ASCII.GetString(value).TrimEnd('\0');
                }
            }
        });
        return names;
    }

    /// <summary>The IPv4 routes of all tables.</summary>
    public List<NetlinkRoute> Routes()
    {
        var routes = new List<NetlinkRoute>();
        Dump(new NetlinkMessage(NetlinkRequest.GetRoute, NetlinkFlags.Dump).Route(0, 0, 0), "reading the machine's routes", message => routes.Add(NetlinkRoute.Read(message)));
        return routes;
    }

    /// <summary>Takes a message's attributes apart.</summary>
    public static List<(ushort Type, byte[] Value)> Attributes(ReadOnlySpan<byte> bytes)
    {
        var attributes = new List<(ushort, byte[])>();
        while (bytes.Length >= 4)
        {
            var length = MemoryMarshal.Read<ushort>(bytes);
            if (length < 4 || length > bytes.Length)
            {
                break;
            }

            attributes.Add(((ushort)(MemoryMarshal.Read<ushort>(bytes[2..]) & TypeMask), bytes[4..length].ToArray()));
            bytes = bytes[Math.Min((length + 3) & ~3, bytes.Length)..];
        }

        return attributes;
    }

    public void Dispose() => _ = Libc.Close(_socket);

    private void Dump(NetlinkMessage message, string what, Action<byte[]> read)
    {
        Send(message);
        var error = Receive(read);
        if (error != 0)
        {
            throw new NetworkRefusedException(what, error);
        }
    }

    private void Send(NetlinkMessage message)
    {
        var bytes = message.Finish(++_sequence);
        fixed (byte* data = bytes)
        {
            NetworkRefusedException.ThrowIf(NetworkCalls.Send(_socket, data, bytes.Length, 0) != bytes.Length, "sending to the kernel's netlink");
        }
    }

    /// <summary>Reads answers up to the last one, which is an error, an acknowledgement (error 0) or the end of a dump.</summary>
    private int Receive(Action<byte[]> read)
    {
        while (true)
        {
            nint count;
            fixed (byte* data = _buffer)
            {
                count = NetworkCalls.Receive(_socket, data, _buffer.Length, 0);
            }

            NetworkRefusedException.ThrowIf(count < 0, "reading from the kernel's netlink");
            var rest = _buffer.AsSpan(0, (int)count);
            while (rest.Length >= NetlinkMessage.HeaderSize)
            {
                var length = MemoryMarshal.Read<int>(rest);
                var type = MemoryMarshal.Read<ushort>(rest[4..]);
                var body = rest[NetlinkMessage.HeaderSize..length];
                if (type is ErrorMessage or Done)
                {
                    return body.Length >= sizeof(int) ? -MemoryMarshal.Read<int>(body) : 0;
                }

                read(body.ToArray());
                rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
            }
        }
    }
}

/// <summary>The kernel refused something about a network.</summary>
internal sealed class NetworkRefusedException(string what, int error) : IOException($"{char.ToUpperInvariant(what[0])}{what[1..]} failed: {new Win32Exception(error).Message}.")
{
    /// <summary>The errno.</summary>
    public int Error => error;

    /// <summary>Throws with the last errno.</summary>
    public static void ThrowIf(bool failed, string what)
    {
        if (failed)
        {
            throw new NetworkRefusedException(what, Marshal.GetLastPInvokeError());
        }
    }
}
