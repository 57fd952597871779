using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>The calls into the C library that networks need.</summary>
internal static unsafe partial class NetworkCalls
{
    public const int NewNetwork = 0x40000000;
    private const string Library = "libc";

    /// <summary>Gives the calling thread a network of its own; the thread's end gives it up.</summary>
    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    /// <summary>Moves the calling thread into the network that a descriptor means.</summary>
    [LibraryImport(Library, EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(int descriptor, int kind);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    /// <summary>Lets a stream socket listen; one that is not bound gets a free port on every address.</summary>
    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int socket, int backlog);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* data, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* data, nint length, int flags);

    /// <summary>The number of an interface of the calling thread's network; 0 if there is none of the name.</summary>
    [LibraryImport(Library, EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceIndex(string name);
}
