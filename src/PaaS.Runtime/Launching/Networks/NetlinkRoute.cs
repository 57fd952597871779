using System.Net;
using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>A route of the machine, of any of its tables; the machine's own addresses are routes too.</summary>
/// <param name="Destination">Where it leads; a prefix of 0 is the default route.</param>
/// <param name="Type">RTN_...</param>
/// <param name="Protocol">Who made it.</param>
/// <param name="Priority">Its metric.</param>
/// <param name="Interface">The number of the interface; 0 if it has none, or several.</param>
/// <param name="HasGateway">Whether a router is next.</param>
internal sealed record NetlinkRoute(IPNetwork Destination, byte Type, byte Protocol, uint Priority, int Interface, bool HasGateway)
{
    public const byte IPv4 = 2;
    public const byte MainTable = 254;
    public const byte Unicast = 1;
    public const byte Local = 2;
    public const byte Unreachable = 7;

    public const ushort AttributeDestination = 1;
    public const ushort AttributeInterface = 4;
    public const ushort AttributeGateway = 5;
    public const ushort AttributePriority = 6;
    private const ushort AttributeVia = 18;
    private const int FixedSize = 12;

    /// <summary>Reads an rtmsg with its attributes.</summary>
    public static NetlinkRoute Read(ReadOnlySpan<byte> message)
    {
        var destination = IPAddress.Any;
        uint priority = 0;
        var index = 0;
        var gateway = false;
        foreach (var (type, value) in Netlink.Attributes(message[FixedSize..]))
        {
            switch (type)
            {
                case AttributeDestination:
                    destination = new IPAddress(value);
                    break;
                case AttributePriority:
                    priority = MemoryMarshal.Read<uint>(value);
                    break;
                case AttributeInterface:
                    index = MemoryMarshal.Read<int>(value);
                    break;
                case AttributeGateway or AttributeVia:
                    gateway = true;
                    break;
                default:
                    break;
            }
        }

        return new NetlinkRoute(new IPNetwork(destination, message[1]), message[7], message[5], priority, index, gateway);
    }
}
