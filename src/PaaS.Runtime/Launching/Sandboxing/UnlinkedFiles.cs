using System.Globalization;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// The files without a name that processes keep: by a descriptor, which a thread may have to itself, or by a mapping alone.
/// Not seen are those in a message that nobody has taken out of a socket yet; and mappings, where the host isn't root.
/// </summary>
internal static unsafe class UnlinkedFiles
{
    private const string Deleted = " (deleted)";

    /// <summary>The bytes that they take on disk.</summary>
    /// <param name="pids">The processes.</param>
    /// <param name="written">Directories of the host's that they can write. Elsewhere a file in memory is no file on disk, and counts as memory.</param>
    public static long Measure(IEnumerable<int> pids, IEnumerable<string> written)
    {
        var seen = new Seen(written);
        foreach (var pid in pids)
        {
            var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            try
            {
                foreach (var thread in Directory.EnumerateDirectories($"{process}/task"))
                {
                    foreach (var path in Directory.EnumerateFileSystemEntries($"{thread}/fd"))
                    {
                        seen.Add(path);
                    }
                }

                foreach (var line in File.ReadLines($"{process}/maps").Where(static line => line.EndsWith(Deleted, StringComparison.Ordinal)))
                {
                    seen.Add($"{process}/map_files/{RangeOf(line)}");
                }
            }
            catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && !Directory.Exists($"{process}/fd")))
            {
                // It ended while we looked, or the host isn't root and may not look into it.
            }
            catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // A thread ended while we looked. The next count sees the rest.
            }
        }

        return seen.Bytes;
    }

    /// <summary>The name of a line's file in map_files, which has no leading zeros.</summary>
    private static string RangeOf(string line) => string.Join('-', line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-').Select(static address => address.TrimStart('0')));

    private sealed class Seen(IEnumerable<string> written)
    {
        private readonly HashSet<(uint, uint, ulong)> _files = [];
        private readonly Lazy<HashSet<(uint, uint)>> _devices = new(() => [.. written.Select(static path => Libc.Status(path)).Select(static status => (status.DeviceMajor, status.DeviceMinor))]);

        public long Bytes { get; private set; }

        public void Add(string path)
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            {
                // Followed on purpose: these links are the kernel's, and lead to the open file itself.
                if (Libc.TryStatus(Libc.AtCurrentDirectory, name, 0, out var file)
                    && file is { IsFile: true, Links: 0, Blocks: > 0 }
                    && IsOnDisk(path, file)
                    && _files.Add((file.DeviceMajor, file.DeviceMinor, file.Inode)))
                {
                    Bytes += (long)file.Blocks * 512;
                }
            }
        }

        private bool IsOnDisk(string path, Libc.FileStatus file)
        {
            var status = stackalloc long[15];
            return Libc.FileSystemStatus(path, status) == 0
                && (status[0] is not (Libc.TemporaryFileSystem or Libc.HugeFileSystem) || _devices.Value.Contains((file.DeviceMajor, file.DeviceMinor)));
        }
    }
}
