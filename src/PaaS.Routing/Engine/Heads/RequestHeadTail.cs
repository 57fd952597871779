namespace PaaS.Routing;

/// <summary>The end of a request's head, which differs from one attempt at a dyno to the next.</summary>
internal static class RequestHeadTail
{
    /// <summary>Writes Connect-Time and Total-Route-Time (legacy, in milliseconds), Connection, Upgrade and the empty line.</summary>
    public static void Write(ByteBuffer output, long connectMilliseconds, long routeMilliseconds, bool keepAlive, ReadOnlySpan<byte> upgrade)
    {
        output.Write("Connect-Time: "u8);
        output.WriteNumber(connectMilliseconds);
        output.Write("\r\nTotal-Route-Time: "u8);
        output.WriteNumber(routeMilliseconds);
        if (!upgrade.IsEmpty)
        {
            output.Write("\r\nUpgrade: "u8);
            output.Write(upgrade);
            output.Write("\r\nConnection: Upgrade\r\n\r\n"u8);
        }
        else
        {
            output.Write(keepAlive ? "\r\nConnection: keep-alive\r\n\r\n"u8 : "\r\nConnection: close\r\n\r\n"u8);
        }
    }
}
