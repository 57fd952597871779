using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Hosting;

/// <summary>A named pipe of the file system. .NET has pipes by that name too, but those are sockets.</summary>
internal static partial class Fifo
{
    private const int OwnerOnly = 0x180; // 0600

    /// <summary>Makes a FIFO that only its owner may use.</summary>
    public static void Make(string path)
    {
        if (MakeFifo(path, OwnerOnly) != 0)
        {
            throw new IOException($"Cannot make the FIFO '{path}': {Marshal.GetLastPInvokeErrorMessage()}. The data directory must be on a local Linux file system.");
        }
    }

    /// <summary>
    /// Opens one end. The descriptor can read and write, whatever the end is for: so opening never waits for the other
    /// side, reading never ends and writing never fails for want of it.
    /// </summary>
    public static PipeStream Open(string path, PipeDirection direction)
    {
        using var file = Posix.Open(path, Posix.ReadWrite | Posix.NoFollow);
        var pipe = new SafePipeHandle(file.DangerousGetHandle(), ownsHandle: true);
        file.SetHandleAsInvalid();
        return new AnonymousPipeClientStream(direction, pipe);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
