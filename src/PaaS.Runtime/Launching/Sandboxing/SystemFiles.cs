using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// What the system's own tools need of the machine's /etc: where it exists, read-only, and nothing of it secret. It is copied
/// into one directory, so that a start makes one mount of it instead of thirty. What not everybody may read isn't copied.
/// </summary>
/// <remarks>
/// Each start looks whether the machine's files have changed, and a new copy is made if they have. A file in one of the
/// directories that is written again in its place, and not replaced, is noticed once something else in its directory changes.
/// Earlier copies stay as long as the launcher: processes may still see them.
/// </remarks>
internal sealed unsafe class SystemFiles : IDisposable
{
    /// <summary>The name, in the launcher's scratch directory, of the directory for copies.</summary>
    public const string DirectoryName = "etc";

    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | ForOthers;
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly ImmutableArray<string> Names =
    [
        "alternatives", "ssl", "pki", "ca-certificates", "ca-certificates.conf", "crypto-policies",
        "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "locale.alias",
        "nsswitch.conf", "host.conf", "gai.conf", "services", "protocols", "mime.types",
        "magic", "fonts", "profile", "bash.bashrc", "bashrc", "inputrc", "terminfo",
        "debian_version", "os-release", "lsb-release", "php", "perl", "python3", "ImageMagick-6",

        // How Maven starts and logs. Its settings may hold passwords.
        "maven/m2.conf", "maven/logging",
    ];

    /// <summary>The files that are made for each process. A mount needs a place to stand on.</summary>
    private static readonly ImmutableArray<string> Own = ["passwd", "group", "hosts", "resolv.conf"];

    private readonly Lock _gate = new();
    private readonly string _source;
    private readonly string _directory;
    private readonly Dictionary<string, (DateTime Written, long Length)> _seen = [];
    private string? _current;
    private int _copies;

    /// <summary>Makes no copy yet.</summary>
    /// <param name="scratch">The launcher's scratch directory.</param>
    /// <param name="source">The machine's /etc.</param>
    public SystemFiles(string scratch, string source = "/etc")
    {
        _source = source;
        _directory = Path.Combine(scratch, DirectoryName, Guid.NewGuid().ToString("N"));
    }

    /// <summary>The paths on this machine, without those that don't exist. Java reads its security settings from a directory named after its version.</summary>
    public static IEnumerable<string> List(string source = "/etc") =>
        Names.Select(name => Path.Combine(source, name)).Where(Path.Exists).Concat(Directory.GetDirectories(source, "java*"));

    /// <summary>The directory to show as /etc; it never changes.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public string Current()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Sandboxes are made on Linux only.");
        }

        lock (_gate)
        {
            if (_current is null || !IsUnchanged())
            {
                _current = null;
                _current = Copy();
            }

            return _current;
        }
    }

    /// <summary>Whether a directory is one of these copies.</summary>
    public bool Owns(string directory) => Path.GetDirectoryName(directory) == _directory;

    /// <summary>Removes the copies of earlier hosts.</summary>
    public void Sweep()
    {
        var parent = Path.GetDirectoryName(_directory)!;
        foreach (var path in Directory.Exists(parent) ? Directory.GetDirectories(parent) : [])
        {
            if (path != _directory && !ScratchTree.TryRemove(path))
            {
                throw new IOException($"{path}, which an earlier host has left, could not be removed. Remove it by hand.");
            }
        }
    }

    /// <summary>Removes the copies. No process sees one any more.</summary>
    public void Dispose()
    {
        // What is left is an earlier host's to the next one, which sweeps.
        _ = ScratchTree.TryRemove(_directory);
        var parent = Path.GetDirectoryName(_directory)!;
        if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
        }
    }

    private bool IsUnchanged()
    {
        foreach (var (path, (written, length)) in _seen)
        {
            if (Stamp(path) != (written, length))
            {
                return false;
            }
        }

        return List(_source).All(_seen.ContainsKey);
    }

    private static (DateTime Written, long Length) Stamp(string path)
    {
        var file = new FileInfo(path);
        return (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
    }

    [SupportedOSPlatform("linux")]
    private string Copy()
    {
        _seen.Clear();
        var copy = Path.Combine(_directory, (++_copies).ToString(System.Globalization.CultureInfo.InvariantCulture));
        MakeDirectory(copy);
        foreach (var path in List(_source))
        {
            // A link is followed, as a mount of it would be: where it leads may not be shown. Stamped before it is read, so that
            // what changes meanwhile is copied again.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            _seen[path] = Stamp(path);
            _seen[target] = Stamp(target);
            var to = Path.Combine(copy, Path.GetRelativePath(_source, path));
            MakeDirectory(Path.GetDirectoryName(to)!);
            CopyEntry(target, to);
        }

        foreach (var name in Own)
        {
            File.WriteAllBytes(Path.Combine(copy, name), []);
        }

        return copy;
    }

    [SupportedOSPlatform("linux")]
    private void CopyEntry(string from, string to)
    {
        try
        {
            if (!TryFind(from, out var isDirectory) || !MayRead(from, isDirectory))
            {
                return;
            }

            if (!isDirectory)
            {
                File.Copy(from, to);
                return;
            }

            _seen[from] = Stamp(from);
            MakeDirectory(to);
            foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
            {
                var name = Path.Combine(to, entry.Name);
                if (entry.LinkTarget is { } target)
                {
                    File.CreateSymbolicLink(name, target);
                }
                else
                {
                    CopyEntry(entry.FullName, name);
                }
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It has just been removed or replaced, which changes its directory.
        }
    }

    [SupportedOSPlatform("linux")]
    private static void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, ForAll);
    }

    [SupportedOSPlatform("linux")]
    private static bool MayRead(string path, bool isDirectory)
    {
        var needed = isDirectory ? ForOthers : UnixFileMode.OtherRead;
        return (File.GetUnixFileMode(path) & needed) == needed;
    }

    /// <summary>Whether it is a file or a directory, and not a pipe or a device.</summary>
    private static bool TryFind(string path, out bool isDirectory)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var found = Libc.TryStatus(Libc.AtCurrentDirectory, name, Libc.AtNoFollow, out var status);
            isDirectory = found && status.IsDirectory;
            return found && (status.IsFile || status.IsDirectory);
        }
    }
}
