namespace PaaS.Routing;

/// <summary>Linux's numbers, the same on every processor that .NET runs on.</summary>
internal static class Linux
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int OutOfMemory = 12;
    public const int TooManyFiles = 23;
    public const int TooManyOwnFiles = 24;
    public const int NoSpace = 28;
    public const int AddressNotAvailable = 99;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int InProgress = 115;

    public const int InterNetwork = 2;
    public const int InterNetworkV6 = 10;
    public const int Stream = 1;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const int SocketLevel = 1;
    public const int ReuseAddress = 2;
    public const int SocketError = 4;
    public const int LingerOption = 13;
    public const int TcpLevel = 6;
    public const int NoDelay = 1;
    public const int V6Level = 41;
    public const int V6Only = 26;

    public const int Peek = 0x2;
    public const int Truncate = 0x20;
    public const int NoSignal = 0x4000;
    public const int ShutdownSending = 1;

    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Failed = 0x8;
    public const uint HungUp = 0x10;
    public const uint PeerEnded = 0x2000;
    public const uint Exclusive = 1u << 28;
    public const uint EdgeTriggered = 1u << 31;
}
