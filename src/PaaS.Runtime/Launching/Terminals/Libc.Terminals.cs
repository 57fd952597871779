using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>Calls that concern terminals.</summary>
internal static unsafe partial class Libc
{
    public const int TryAgain = 11;
    public const int OpenReadWrite = 2;
    public const int OpenNoControl = 0x100;

    public const nuint GetTerminalMode = 0x5401;
    public const nuint SetTerminalMode = 0x5402;
    public const nuint SetTerminalSize = 0x5414;

    [LibraryImport(Library, EntryPoint = "posix_openpt", SetLastError = true)]
    public static partial int OpenTerminal(int flags);

    [LibraryImport(Library, EntryPoint = "grantpt", SetLastError = true)]
    public static partial int GrantTerminal(int master);

    [LibraryImport(Library, EntryPoint = "unlockpt", SetLastError = true)]
    public static partial int UnlockTerminal(int master);

    [LibraryImport(Library, EntryPoint = "ptsname_r")]
    public static partial int TerminalName(int master, byte* name, nuint size);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int DeviceControl(int descriptor, nuint request, void* argument);

    /// <summary>Waits for any of the descriptors of an array of <see cref="PollEntry"/>.</summary>
    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* content, nuint length);

    /// <summary>Makes reads and writes of a descriptor return at once.</summary>
    public static void DontBlock(int descriptor) => ThrowIf(FileControl(descriptor, SetStatusFlags, OpenNonBlocking) != 0, "fcntl");

    /// <summary>What poll is asked, and answers.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public const short CanRead = 1;
        public const short CanWrite = 4;
        public const short Failed = 8;

        /// <summary>The descriptor; a negative one is left out.</summary>
        public int Descriptor;

        /// <summary>What is asked.</summary>
        public short Wanted;

        /// <summary>What is so.</summary>
        public short Found;
    }
}
