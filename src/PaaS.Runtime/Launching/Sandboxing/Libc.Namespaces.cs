using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>Calls that concern namespaces, mounts and limits of another process.</summary>
internal static unsafe partial class Libc
{
    public const int CloneMounts = 0x20000;
    public const int CloneNetwork = 0x40000000;

    public const nuint MountNoSuid = 2;
    public const nuint MountNoDevices = 4;
    public const nuint MountBind = 0x1000;
    public const nuint MountRecursive = 0x4000;
    public const nuint MountSlave = 0x80000;

    public const int OpenPath = 0x200000;
    public const int OpenReadOnly = 0;

    public const int Interrupted = 4;
    private const uint MemoryCloseOnExec = 1;
    private const long JoinSessionKeyring = 1;

    private static readonly long KeyControl = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 219 : 250;

    /// <summary>Differs between processor families.</summary>
    public static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>A file in memory that holds this and is read from its beginning.</summary>
    /// <returns>Its descriptor, which no other child inherits.</returns>
    public static int MemoryFile(string name, ReadOnlySpan<byte> content)
    {
        var descriptor = MemoryFileRaw(name, MemoryCloseOnExec);
        ThrowIf(descriptor < 0, "memfd_create");
        descriptor = Lift(descriptor);
        try
        {
            WriteAll(descriptor, content);
            ThrowIf(Seek(descriptor, 0, 0) != 0, "lseek");
            return descriptor;
        }
        catch
        {
            _ = Close(descriptor);
            throw;
        }
    }

    /// <summary>Writes all of it, however long that takes.</summary>
    /// <exception cref="IOException">Nobody reads.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            for (var done = 0; done < content.Length;)
            {
                var written = Write(descriptor, start + done, (nuint)(content.Length - done));
                ThrowIf(written < 0 && Marshal.GetLastPInvokeError() != Interrupted, "write");
                done += (int)Math.Max(written, 0);
            }
        }
    }

    /// <summary>Opens a path.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static int Open(string path, int flags)
    {
        var descriptor = OpenRaw(path, flags | OpenCloseOnExec, 0);
        ThrowIf(descriptor < 0, $"open of {path}");
        return descriptor;
    }

    /// <summary>Gives the calling thread a session keyring of its own, empty, in place of the host's: what it starts possesses no key of the host's, and none of another start's.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void LeaveKeyring()
    {
        const int noSuchCall = 38;
        const int notPermitted = 1;
        var failed = Syscall(KeyControl, JoinSessionKeyring, 0, 0, 0) < 0;

        // A kernel without keyrings, or a container that may not use them, and then what is started in it may not either.
        ThrowIf(failed && Marshal.GetLastPInvokeError() is not (noSuchCall or notPermitted), "keyctl");
    }

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string? type, nuint flags, string? data);

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "fchdir", SetLastError = true)]
    public static partial int ChangeDirectory(int descriptor);

    [LibraryImport(Library, EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int type);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenRaw(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFileRaw(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* content, nuint length);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int descriptor, long offset, int from);
}
