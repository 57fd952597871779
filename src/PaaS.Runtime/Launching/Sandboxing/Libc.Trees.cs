using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>Calls that walk a directory relative to descriptors: a path that a tenant has a hand in must never be followed.</summary>
internal static unsafe partial class Libc
{
    public const int AtCurrentDirectory = -100;
    public const int AtNoFollow = 0x100;
    public const int AtRemoveDirectory = 0x200;
    public const int OpenNonBlocking = 0x800;
    public const long TemporaryFileSystem = 0x01021994;
    public const long HugeFileSystem = 0x958458f6;

    private const uint BasicStatus = 0x7ff;

    /// <summary>Differs between processor families.</summary>
    public static readonly int OpenDirectory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>What the system says of a name in a directory.</summary>
    /// <returns>False if it says nothing: most often because it has gone.</returns>
    public static bool TryStatus(int directory, byte* name, int flags, out FileStatus status)
    {
        FileStatus found;
        var ok = StatusRaw(directory, name, flags, BasicStatus, &found) == 0;
        status = ok ? found : default;
        return ok;
    }

    /// <summary>What the system says of a path.</summary>
    /// <exception cref="IOException">It says nothing.</exception>
    public static FileStatus Status(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            ThrowIf(!TryStatus(AtCurrentDirectory, name, 0, out var status), $"statx of {path}");
            return status;
        }
    }

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int directory, byte* name, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(int directory, byte* name, int flags);

    [LibraryImport(Library, EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(int directory, byte* name, int newDirectory, byte* newName);

    [LibraryImport(Library, EntryPoint = "fchmodat", SetLastError = true)]
    public static partial int ChangeModeAt(int directory, byte* name, uint mode, int flags);

    [LibraryImport(Library, EntryPoint = "fdopendir", SetLastError = true)]
    public static partial nint OpenStream(int descriptor);

    /// <summary>The next entry: its name begins at byte 19. Null at the end.</summary>
    [LibraryImport(Library, EntryPoint = "readdir")]
    public static partial byte* ReadStream(nint stream);

    [LibraryImport(Library, EntryPoint = "rewinddir")]
    public static partial void RewindStream(nint stream);

    /// <summary>The stream's descriptor, which stays the stream's.</summary>
    [LibraryImport(Library, EntryPoint = "dirfd")]
    public static partial int DescriptorOf(nint stream);

    [LibraryImport(Library, EntryPoint = "closedir")]
    public static partial int CloseStream(nint stream);

    /// <summary>Fills 120 bytes: type at 0, block size at 8, blocks at 16, free blocks at 24.</summary>
    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileSystemStatus(string path, long* status);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    private static partial int StatusRaw(int directory, byte* name, int flags, uint mask, FileStatus* status);

    /// <summary>The parts of statx's answer that are asked for.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        /// <summary>How many names it has.</summary>
        [FieldOffset(16)]
        public uint Links;

        /// <summary>Type and permissions.</summary>
        [FieldOffset(28)]
        public ushort Mode;

        /// <summary>Its number in its file system.</summary>
        [FieldOffset(32)]
        public ulong Inode;

        /// <summary>What it takes, in 512 bytes.</summary>
        [FieldOffset(48)]
        public ulong Blocks;

        /// <summary>The first number of its device, which is its file system's.</summary>
        [FieldOffset(136)]
        public uint DeviceMajor;

        /// <summary>The second.</summary>
        [FieldOffset(140)]
        public uint DeviceMinor;

        /// <summary>Whether it is a directory.</summary>
        public readonly bool IsDirectory => (Mode & 0xF000) == 0x4000;

        /// <summary>Whether it is an ordinary file.</summary>
        public readonly bool IsFile => (Mode & 0xF000) == 0x8000;
    }
}
