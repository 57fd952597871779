namespace PaaS.Routing;

/// <summary>What is known of a connection on an event loop, and what it still has to do.</summary>
[Flags]
internal enum LinkState : ushort
{
    None = 0,

    /// <summary>The connection is being made.</summary>
    Connecting = 1 << 0,

    /// <summary>The handler wants no bytes.</summary>
    Paused = 1 << 1,

    /// <summary>There may be something to receive.</summary>
    Readable = 1 << 2,

    /// <summary>What the handler left before is to be offered again.</summary>
    OfferHeld = 1 << 3,

    /// <summary>The peer has ended its stream, behind what may still be unread.</summary>
    EndSeen = 1 << 4,

    /// <summary>The handler was told ahead that there will be an end.</summary>
    EndForeseen = 1 << 5,

    /// <summary>The handler was told of the end.</summary>
    EndTold = 1 << 6,

    /// <summary>The connection is lost.</summary>
    Failed = 1 << 7,

    /// <summary>The loop will give it a turn.</summary>
    Queued = 1 << 8,

    /// <summary>The handler is being called with bytes.</summary>
    Offering = 1 << 9,

    /// <summary>An end of stream goes behind what is unsent.</summary>
    EndWanted = 1 << 10,

    /// <summary>The handler is done with it; what is unsent is still sent.</summary>
    Closing = 1 << 11,

    /// <summary>The socket is closed.</summary>
    Gone = 1 << 12,

    /// <summary>It waits in a pool.</summary>
    Idle = 1 << 13,
}
