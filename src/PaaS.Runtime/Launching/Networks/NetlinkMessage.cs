using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace PaaS.Runtime;

/// <summary>A request to the kernel's rtnetlink: a header, a fixed part, attributes, which may hold further ones.</summary>
internal sealed class NetlinkMessage
{
    public const int HeaderSize = 16;
    private const int AttributeSize = 4;
    private readonly byte[] _bytes = new byte[512];
    private int _length = HeaderSize;

    /// <summary>Begins a message.</summary>
    /// <param name="type">RTM_...</param>
    /// <param name="flags">NLM_F_... beside NLM_F_REQUEST.</param>
    public NetlinkMessage(NetlinkRequest type, NetlinkFlags flags)
    {
        Put(4, (ushort)type);
        Put(6, (ushort)(flags | NetlinkFlags.Request));
    }

    /// <summary>An ifinfomsg: an interface by its number, or by a later name attribute if that is 0.</summary>
    public NetlinkMessage Link(int index = 0, uint flags = 0, uint change = 0) => Raw<byte>(0).Raw<byte>(0).Raw<ushort>(0).Raw(index).Raw(flags).Raw(change);

    /// <summary>An ifaddrmsg of IPv4.</summary>
    public NetlinkMessage AddressOf(int index, byte prefix) => Raw(NetlinkRoute.IPv4).Raw(prefix).Raw<byte>(0).Raw<byte>(0).Raw(index);

    /// <summary>An rtmsg of IPv4 in the main table.</summary>
    public NetlinkMessage Route(byte prefix, byte protocol, byte type) =>
        Raw(NetlinkRoute.IPv4).Raw(prefix).Raw<byte>(0).Raw<byte>(0).Raw(NetlinkRoute.MainTable).Raw(protocol).Raw<byte>(0).Raw(type).Raw(0u);

    /// <summary>An attribute with a number.</summary>
    public NetlinkMessage Number(ushort type, int value) => Head(type, sizeof(int)).Raw(value);

    /// <summary>An attribute with an IPv4 address.</summary>
    public NetlinkMessage Address(ushort type, IPAddress address) => Head(type, sizeof(uint)).Raw(MemoryMarshal.Read<uint>(address.GetAddressBytes()));

    /// <summary>An attribute with a text.</summary>
    public NetlinkMessage Text(ushort type, string text)
    {
        var length = Encoding.ASCII.GetByteCount(text);
        Head(type, length + 1);
        _length += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(_length)) + 1;
        return Align();
    }

    /// <summary>An attribute that holds others.</summary>
    public NetlinkMessage Nest(ushort type, Action<NetlinkMessage> fill)
    {
        var start = _length;
        Head(type, 0);
        fill(this);
        Put(start, (ushort)(_length - start));
        return this;
    }

    /// <summary>The bytes to send.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        Put(0, (uint)_length);
        Put(8, sequence);
        return _bytes.AsSpan(0, _length);
    }

    private NetlinkMessage Head(ushort type, int length) => Raw((ushort)(AttributeSize + length)).Raw(type);

    private NetlinkMessage Raw<T>(T value)
        where T : unmanaged
    {
        Put(_length, value);
        _length += Unsafe.SizeOf<T>();
        return this;
    }

    private NetlinkMessage Align()
    {
        _length = (_length + 3) & ~3;
        return this;
    }

    private void Put<T>(int at, T value)
        where T : unmanaged => MemoryMarshal.Write(_bytes.AsSpan(at), in value);
}

/// <summary>The kinds of request that networks need.</summary>
internal enum NetlinkRequest : ushort
{
    /// <summary>Makes or changes an interface.</summary>
    NewLink = 16,

    /// <summary>Removes an interface.</summary>
    DeleteLink = 17,

    /// <summary>Reads interfaces.</summary>
    GetLink = 18,

    /// <summary>Adds an address.</summary>
    NewAddress = 20,

    /// <summary>Adds a route.</summary>
    NewRoute = 24,

    /// <summary>Removes a route.</summary>
    DeleteRoute = 25,

    /// <summary>Reads routes.</summary>
    GetRoute = 26,
}

/// <summary>How a request is meant.</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    /// <summary>It is a request.</summary>
    Request = 1,

    /// <summary>An answer is wanted.</summary>
    Acknowledge = 4,

    /// <summary>All there are.</summary>
    Dump = 0x300,

    /// <summary>It must not be there yet.</summary>
    Exclusive = 0x200,

    /// <summary>It is made if it isn't there.</summary>
    Create = 0x400,
}
