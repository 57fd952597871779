using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>The calls into the C library that .NET has no word for. Linux, x86-64 and arm64.</summary>
internal static unsafe partial class Libc
{
    public const int OpenCloseOnExec = 0x80000;
    public const int NoChild = 10;
    public const int NoSuchProcess = 3;

    private const string Library = "libc";
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;
    private const int UnixFamily = 1;
    private const int StreamType = 1;
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>The lowest number our own ends may have: the spawn's dup2 calls fill 0 to 9 at most, and none may overwrite another's source.</summary>
    private const int FirstFree = 10;

    /// <summary>A pipe whose ends no other child inherits.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        ThrowIf(PipeRaw(ends, OpenCloseOnExec) != 0, "pipe2");
        return (Lift(ends[0]), Lift(ends[1]));
    }

    /// <summary>A pair of connected stream sockets that no other child inherits.</summary>
    public static (int First, int Second) SocketPair()
    {
        var ends = stackalloc int[2];
        ThrowIf(SocketPairRaw(UnixFamily, StreamType | OpenCloseOnExec, 0, ends) != 0, "socketpair");
        return (Lift(ends[0]), Lift(ends[1]));
    }

    /// <summary>A descriptor that means this process and never a later one of the same number.</summary>
    /// <returns>A negative number if there is no such process.</returns>
    public static int OpenProcess(int pid) => (int)Syscall(PidfdOpen, pid, 0, 0, 0);

    /// <summary>Sends a signal through <see cref="OpenProcess"/>'s descriptor. A process that has ended is no error.</summary>
    public static void Signal(int processDescriptor, int signal) => _ = Syscall(PidfdSendSignal, processDescriptor, signal, 0, 0);

    /// <summary>Whether the C library can close a spawned process's descriptors from a number on.</summary>
    public static bool CanCloseDescriptors() =>
        NativeLibrary.TryLoad(Library, typeof(Libc).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out _);

    public static void ThrowIf(bool failed, string what)
    {
        if (failed)
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            throw new IOException($"The system call {what} failed: {error.Message}.", error);
        }
    }

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport(Library, EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int idType, int id, byte* info, int options);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* what);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "getrlimit")]
    public static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(int* pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int AddCloseFrom(byte* actions, int first);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    public static partial int EmptySignals(byte* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    public static partial int FillSignals(byte* signals);

    private static int Lift(int descriptor)
    {
        if (descriptor >= FirstFree)
        {
            return descriptor;
        }

        var lifted = FileControl(descriptor, DuplicateCloseOnExec, FirstFree);
        ThrowIf(lifted < 0, "fcntl");
        _ = Close(descriptor);
        return lifted;
    }

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeRaw(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPairRaw(int family, int type, int protocol, int* ends);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long first, long second, long third, long fourth);
}
