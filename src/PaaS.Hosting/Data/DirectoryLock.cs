using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Hosting;

/// <summary>One host per directory: a lock of the kernel on a file in it, which also names the holder's pid for people to read.</summary>
internal sealed class DirectoryLock : IDisposable
{
    public const string FileName = "lock";

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private DirectoryLock(SafeFileHandle file, string path) => (_file, _path) = (file, path);

    public static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var file = Posix.Open(path, Posix.ReadWrite | Posix.Create | Posix.NoFollow);
        try
        {
            if (!Posix.TryLock(file, path))
            {
                throw new DataDirectoryInUseException(directory, ReadPid(file));
            }

            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
            return new DirectoryLock(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The file stays: deleting it would let a third host lock a new file while a second one still holds the old.
    public void Dispose()
    {
        if (_file.IsClosed)
        {
            return;
        }

        try
        {
            Posix.Unlock(_file, _path);
        }
        finally
        {
            _file.Dispose();
        }
    }

    private static int? ReadPid(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(file, text, 0);
        return int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }
}
