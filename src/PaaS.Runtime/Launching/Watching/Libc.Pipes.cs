using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>A pipe that is written without ever waiting for its reader.</summary>
internal static unsafe partial class Libc
{
    private const int SetStatusFlags = 4;
    private const int NonBlocking = 0x800;
    private const int SetPipeSize = 1031;

    /// <summary>Lets writes fail instead of wait, and gives the pipe room for as many bytes as an ordinary user may have, if it can be had.</summary>
    public static void MakePatient(SafeHandle pipe, int bytes)
    {
        ThrowIf(FileControl((int)pipe.DangerousGetHandle(), SetStatusFlags, NonBlocking) != 0, "fcntl");
        _ = FileControl((int)pipe.DangerousGetHandle(), SetPipeSize, bytes);
    }

    /// <summary>Writes a few bytes, all or none.</summary>
    /// <returns>Whether they are in the pipe: not if it is full or nobody can read it any more.</returns>
    public static bool TryWrite(SafeHandle pipe, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Write((int)pipe.DangerousGetHandle(), first, bytes.Length) == bytes.Length;
        }
    }

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* bytes, nint count);
}
