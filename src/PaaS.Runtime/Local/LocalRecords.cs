using System.Runtime.Versioning;

namespace PaaS.Runtime;

/// <summary>
/// A runner's own directory of process records below one that all runners of a user share. A lock beside it is held as long as
/// the runner lives; what a runner that was killed has left is ended by the next one.
/// </summary>
internal sealed class LocalRecords : IDisposable
{
    private const string LockExtension = ".lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private LocalRecords(string directory, FileStream held) => (Directory, _lock) = (directory, held);

    /// <summary>This runner's directory.</summary>
    public string Directory { get; }

    /// <summary>The directory of all runners of this user, if no other is asked for.</summary>
    public static string DefaultRoot
    {
        get
        {
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.IsPathFullyQualified(state ?? string.Empty) ? Path.Combine(state!, "paas", "local")
                : home.Length > 0 ? Path.Combine(home, ".local", "state", "paas", "local")
                : throw new LocalRunException("There is no place to record what runs: the environment has neither HOME nor XDG_STATE_HOME. Set one to a directory of this user's.");
        }
    }

    /// <summary>Ends what dead runners have left and makes a directory for this one.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task<LocalRecords> OpenAsync(string root, CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(root, OwnerOnly);
        await SweepAsync(root, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var directory = Path.Combine(root, Guid.NewGuid().ToString("N"));
            if (TryLock(directory, FileMode.CreateNew) is { } held)
            {
                // Another runner may have taken it for a dead one's in the moment before it was locked.
                if (File.Exists(held.Name))
                {
                    return new LocalRecords(directory, held);
                }

                await held.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        Remove(Directory);
        _lock.Dispose();
    }

    private static async Task SweepAsync(string root, CancellationToken cancellationToken)
    {
        foreach (var path in System.IO.Directory.GetFiles(root, "*" + LockExtension))
        {
            var directory = path[..^LockExtension.Length];
            if (TryLock(directory, FileMode.Open) is not { } held)
            {
                continue;
            }

            await using (held.ConfigureAwait(false))
            {
                if (System.IO.Directory.Exists(directory))
                {
                    var launcher = new PlainLauncher(directory);
                    await using (launcher.ConfigureAwait(false))
                    {
                        await launcher.SweepAsync(cancellationToken).ConfigureAwait(false);
                    }
                }

                Remove(directory);
            }
        }
    }

    /// <summary>The lock goes last: as long as there is anything to sweep, it can be found.</summary>
    private static void Remove(string directory)
    {
        if (System.IO.Directory.Exists(directory))
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }

        File.Delete(directory + LockExtension);
    }

    /// <returns><see langword="null"/> if another runner holds it, or it is gone.</returns>
    private static FileStream? TryLock(string directory, FileMode mode)
    {
        try
        {
            return new FileStream(directory + LockExtension, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
