using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>
/// Where tenants' processes live: builds, dynos, build caches. Apart from the data directory, which no tenant may
/// enter; here they may pass (mode 0711) but see no neighbour's name. Nothing in it has to survive but the caches,
/// which only save time.
/// </summary>
public sealed class WorkDirectory : IDisposable
{
    private const string SystemDirectory = "/var/lib/paas";
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryLock _lock;

    private WorkDirectory(string path, DirectoryLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The directory itself, as an absolute path.</summary>
    public string Path { get; }

    /// <summary>Holds one directory per running build.</summary>
    public string Builds => At("builds");

    /// <summary>Holds one directory per dyno.</summary>
    public string Dynos => At("dynos");

    /// <summary>Holds one directory per app with what its buildpacks keep between builds.</summary>
    public string Caches => At("caches");

    /// <summary>Holds what sandboxed processes write over what they share.</summary>
    public string Scratch => At("scratch");

    private string Trash => At("trash");

    /// <summary>Opens the directory for this process alone; makes it if it is not there. Deletes nothing: see <see cref="Sweep"/>.</summary>
    /// <param name="path">The directory, or <see langword="null"/> for the default: a directory of its own under <c>/var/lib/paas</c> when the host is root, else <c>work</c> in the data directory.</param>
    /// <param name="data">The data directory that it belongs to.</param>
    /// <exception cref="DataDirectoryInUseException">Another host holds it.</exception>
    /// <exception cref="DataDirectoryException">It is a symbolic link, belongs to someone else, or others may write in it or above it.</exception>
    public static WorkDirectory Open(string? path, DataDirectory data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path ?? DefaultFor(data)));
        Make(full);
        if (Posix.EffectiveUser == 0)
        {
            WorkDirectoryCheck.Ancestors(full);
        }

        var held = DirectoryLock.Take(full);
        try
        {
            var work = new WorkDirectory(full, held);
            Make(work.Builds);
            Make(work.Dynos);
            Make(work.Caches);
            Make(work.Trash);
            Posix.SetMode(work.Trash, OwnerOnly);
            return work;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Deletes what earlier hosts left in builds and dynos, following no symbolic link. Call it when no process of an earlier host is alive any more, and before the first of this one.</summary>
    /// <returns>What could not be deleted, and why: for the operator's log. Empty when all is gone.</returns>
    public IReadOnlyList<string> Sweep() => [.. TreeRemoval.Empty(Trash), .. TreeRemoval.Empty(Builds), .. TreeRemoval.Empty(Dynos)];

    /// <summary>Deletes what sandboxed processes of earlier hosts have written, following no symbolic link. Where this host has a sandbox, that sweeps by itself.</summary>
    /// <returns>What could not be deleted, and why. Empty when all is gone.</returns>
    internal IReadOnlyList<string> SweepScratch() => Posix.Stat(Scratch, followLink: false) is null ? [] : TreeRemoval.Empty(Scratch);

    /// <summary>Deletes one directory of a build, dyno or cache, following no symbolic link. One that is not there is no error.</summary>
    /// <param name="directory">A directory directly below <see cref="Builds"/>, <see cref="Dynos"/> or <see cref="Caches"/>.</param>
    /// <returns>What could not be deleted, and why; it goes with the next <see cref="Sweep"/>. Empty when all is gone.</returns>
    /// <exception cref="ArgumentException">Another directory.</exception>
    public IReadOnlyList<string> Remove(string directory)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));
        if (System.IO.Path.GetDirectoryName(full) is not { } parent || (parent != Builds && parent != Dynos && parent != Caches))
        {
            throw new ArgumentException($"'{directory}' does not stand directly in builds, dynos or caches of '{Path}'.", nameof(directory));
        }

        if (Posix.Stat(full, followLink: false) is null)
        {
            return [];
        }

        // The name is free at once; each removal empties a bin of its own, so that several may run.
        var bin = Directory.CreateDirectory(System.IO.Path.Combine(Trash, $"{Guid.NewGuid():N}")).FullName;
        Posix.Rename(full, System.IO.Path.Combine(bin, "removed"));
        var left = TreeRemoval.Empty(bin);
        if (left.Count == 0)
        {
            Directory.Delete(bin);
        }

        return left;
    }

    /// <summary>Gives the directory back, for another host to use.</summary>
    public void Dispose() => _lock.Dispose();

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private static string DefaultFor(DataDirectory data)
    {
        if (Posix.EffectiveUser != 0)
        {
            return System.IO.Path.Combine(data.Path, "work");
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data.Path)));
        Make(SystemDirectory);
        return System.IO.Path.Combine(SystemDirectory, $"work-{digest[..12]}");
    }

    private static void Make(string path)
    {
        if (Posix.Stat(path, followLink: false) is null)
        {
            // Every directory that this makes lets others pass; the process's umask takes bits away again.
            var parent = System.IO.Path.GetDirectoryName(path);
            if (parent is not null && !Directory.Exists(parent))
            {
                Make(parent);
            }

            Directory.CreateDirectory(path);
            Posix.SetMode(path, Passable);
        }

        WorkDirectoryCheck.Own(path);
    }
}
