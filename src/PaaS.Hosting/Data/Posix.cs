using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Hosting;

/// <summary>The calls of the C library that .NET has no name for: owners, kernel locks, syncing a directory, and walking a tree by descriptors.</summary>
internal static unsafe partial class Posix
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int CurrentDirectory = -100;
    public const int RemoveDirectory = 0x200;
    public const int NoSuchEntry = 2;
    public const int WouldBlock = 11;
    private const int NoFollowSymlink = 0x100;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int LockRelease = 8;
    private const uint StatxBasic = 0x7ff;

    // Two flags differ between the processor families of Linux.
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    public static int DirectoryOnly { get; } = s_arm ? 0x4000 : 0x10000;

    public static int NoFollow { get; } = s_arm ? 0x8000 : 0x20000;

    public static uint EffectiveUser => GetEffectiveUser();

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>The owner and mode of an entry; <see langword="null"/> if there is none.</summary>
    public static Entry? Stat(string path, bool followLink)
    {
        Statx found;
        if (StatxAt(CurrentDirectory, path, followLink ? 0 : NoFollowSymlink, StatxBasic, &found) == 0)
        {
            return new Entry(found.User, found.Mode);
        }

        return LastError == NoSuchEntry ? null : throw Failure("look at", path);
    }

    /// <summary>Opens a file or directory (a new file: mode 0600) without the sharing locks that .NET's own file handles take.</summary>
    public static SafeFileHandle Open(string path, int flags)
    {
        var descriptor = OpenAt(CurrentDirectory, path, flags | CloseOnExec, Convert.ToInt32("600", 8));
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure("open", path);
    }

    /// <summary>Takes a lock that the kernel gives back when the process ends, however it ends.</summary>
    public static bool TryLock(SafeFileHandle file, string path) =>
        Flock(file, LockExclusive | LockNonBlocking) == 0 || (LastError == WouldBlock ? false : throw Failure("lock", path));

    /// <summary>Gives a lock back. Closing the file alone would leave it to a child that another thread is starting just now, until that child has let go of its copy.</summary>
    public static void Unlock(SafeFileHandle file, string path)
    {
        if (Flock(file, LockRelease) != 0)
        {
            throw Failure("unlock", path);
        }
    }

    /// <summary>Makes the names in a directory durable.</summary>
    public static void SyncDirectory(string path)
    {
        using var directory = Open(path, ReadOnly | DirectoryOnly);
        if (Fsync(directory) != 0)
        {
            throw Failure("sync", path);
        }
    }

    /// <summary>Renames the entry itself, whatever it is; never what a link points to.</summary>
    public static void Rename(string from, string to)
    {
        if (RenamePath(from, to) != 0)
        {
            throw Failure("move", from);
        }
    }

    /// <summary>Sets the permission bits whatever the umask says.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!TrySetMode(path, mode))
        {
            throw Failure("change the mode of", path);
        }
    }

    public static bool TrySetMode(string path, UnixFileMode mode) => ChangeMode(path, (uint)mode) == 0;

    /// <summary>A stream over a directory's entries from the first one on, with a descriptor of its own.</summary>
    public static nint OpenDirectoryStream(SafeFileHandle directory)
    {
        var own = Duplicate(directory);
        var stream = own < 0 ? 0 : OpenDirectoryStream(own);
        if (stream == 0)
        {
            var failure = Failure("list", "a directory that is being deleted");
            _ = own < 0 ? 0 : Close(own);
            throw failure;
        }

        // Both descriptors share one place in the directory.
        Rewind(stream);
        return stream;
    }

    public static IOException Failure(string verb, string path) =>
        new($"Cannot {verb} '{path}': {Marshal.GetPInvokeErrorMessage(LastError)} (error {LastError}).");

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(SafeFileHandle directory, byte* name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeFileHandle directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(SafeFileHandle from, byte* name, SafeFileHandle to, byte* newName);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenDirectoryStream(int descriptor);

    [LibraryImport("libc", EntryPoint = "rewinddir")]
    private static partial void Rewind(nint directory);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenamePath(string from, string to);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    public static partial byte* ReadDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxAt(int directory, string path, int flags, uint mask, Statx* result);

    /// <summary>An entry of the file system.</summary>
    /// <param name="User">Its owner.</param>
    /// <param name="Mode">Its kind and permission bits.</param>
    public readonly record struct Entry(uint User, ushort Mode)
    {
        public bool IsDirectory => (Mode & 0xf000) == 0x4000;

        public bool IsSticky => (Mode & 0x200) != 0;

        public bool IsWritableByOthers => (Mode & 0x12) != 0;

        public bool IsEnterableByOthers => (Mode & 1) != 0;

        public string Permissions => Convert.ToString(Mode & 0xfff, 8);
    }

    // statx has one layout on every processor, which stat has not.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
