using System.Globalization;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// The one directory that holds what the host must not lose: journal, slugs, repositories, keys. Only its owner may
/// enter (mode 0700), only one host at a time may use it, and it states the version of its layout.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const int CurrentFormat = 1;
    private const string FormatFile = "format";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryLock _lock;

    private DataDirectory(string path, DirectoryLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The directory itself, as an absolute path.</summary>
    public string Path { get; }

    /// <summary>The journal's database file.</summary>
    public string JournalPath => At("journal.db");

    /// <summary>Where slugs are kept.</summary>
    public string SlugsDirectory => At("slugs");

    /// <summary>Where the apps' git repositories are kept.</summary>
    public string RepositoriesDirectory => At("repositories");

    /// <summary>Where the apps' wrapped keys are kept.</summary>
    public string KeysDirectory => At("keys");

    /// <summary>The key that wraps the apps' keys. Without it every config var is lost: back it up apart from the rest.</summary>
    public string HostKeyPath => At("host.key");

    /// <summary>The operator's token.</summary>
    public string TokenPath => At("token");

    /// <summary>Where running processes are recorded, so that the next start finds what a crash left.</summary>
    public string RecordsDirectory => At("records");

    /// <summary>Where the output of release commands is kept.</summary>
    public string OutputsDirectory => At("outputs");

    /// <summary>Where the output of builds is kept.</summary>
    public string BuildsDirectory => At("builds");

    /// <summary>Where the copies of apps' own error and maintenance pages are kept.</summary>
    public string PagesDirectory => At("pages");

    /// <summary>Where the host's own git hooks are kept.</summary>
    public string HooksDirectory => At("hooks");

    /// <summary>Opens the directory for this process alone; makes it if it is not there.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="DataDirectoryInUseException">Another host holds it.</exception>
    /// <exception cref="DataDirectoryException">It belongs to someone else, holds other files, or was written by a newer version.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public static DataDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The host keeps its data directory on Linux only: it needs the kernel's file locks and owners.");
        }

        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        Directory.CreateDirectory(full, OwnerOnly);
        RefuseForeign(full);
        File.SetUnixFileMode(full, OwnerOnly);
        var held = DirectoryLock.Take(full);
        try
        {
            CheckFormat(System.IO.Path.Combine(full, FormatFile));
            var data = new DataDirectory(full, held);
            foreach (var directory in (string[])[data.SlugsDirectory, data.RepositoriesDirectory, data.KeysDirectory, data.RecordsDirectory, data.OutputsDirectory, data.BuildsDirectory, data.PagesDirectory, data.HooksDirectory])
            {
                Directory.CreateDirectory(directory, OwnerOnly);
            }

            Posix.SyncDirectory(full);
            return data;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Gives the operator's token: the given one, which is stored in place of an earlier one, else the stored one, else a new one of 256 random bits.</summary>
    /// <param name="given">A token that the operator chose, or <see langword="null"/>.</param>
    /// <exception cref="FormatException">The given or stored token is shorter than 16 or longer than 512 characters, or has characters that cannot stand in a header.</exception>
    public string LoadOrCreateToken(string? given) => OperatorToken.LoadOrCreate(TokenPath, given);

    /// <summary>Gives the directory back, for another host to use.</summary>
    public void Dispose() => _lock.Dispose();

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private static void RefuseForeign(string path)
    {
        var entry = Posix.Stat(path, followLink: true) ?? throw new DataDirectoryException($"The data directory '{path}' is gone.");
        if (entry.User != Posix.EffectiveUser)
        {
            throw new DataDirectoryException($"The data directory '{path}' belongs to user {entry.User}, but the host runs as user {Posix.EffectiveUser}. Start the host as its owner, or name another directory.");
        }

        // A mistyped path must not turn someone's home into a data directory.
        if (!File.Exists(System.IO.Path.Combine(path, FormatFile))
            && Directory.EnumerateFileSystemEntries(path).Select(System.IO.Path.GetFileName).FirstOrDefault(name => name != DirectoryLock.FileName && !name!.StartsWith(FormatFile, StringComparison.Ordinal)) is { } other)
        {
            throw new DataDirectoryException($"The directory '{path}' is not a data directory: it holds '{other}' and no '{FormatFile}' file. Name an empty directory, or one that a host made.");
        }
    }

    private static void CheckFormat(string file)
    {
        if (!File.Exists(file))
        {
            DurableFile.Write(file, Encoding.ASCII.GetBytes($"{CurrentFormat}\n"));
            return;
        }

        var text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var format) || format < 1)
        {
            throw new DataDirectoryException($"The file '{file}' should hold the number of a format, but does not. Restore it from a backup.");
        }

        if (format > CurrentFormat)
        {
            throw new DataDirectoryException($"The file '{file}' says format {format}; this version reads up to format {CurrentFormat}. Start the newer version of the host that wrote it.");
        }
    }
}
