using System.Collections.Immutable;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// The files of one dyno: <c>app</c>, its copy of the slug, and <c>tmp</c>, both its user's alone, in a directory that
/// belongs to the host and that the user can only pass through.
/// </summary>
internal sealed class DynoFiles
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PassThrough = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly IProcessLauncher _launcher;
    private readonly string _directory;

    public DynoFiles(IProcessLauncher launcher, string directory)
    {
        _launcher = launcher;
        _directory = directory;
    }

    /// <summary>The app's root: the dyno's home and working directory.</summary>
    public string App => Path.Combine(_directory, "app");

    /// <summary>The dyno's own temporary directory.</summary>
    public string Temporary => Path.Combine(_directory, "tmp");

    private ImmutableArray<string> Remove => ["/bin/rm", "-rf", "--", _directory];

    /// <summary>Makes them.</summary>
    public async ValueTask CreateAsync(ISlugUnpacker unpacker, DynoSpec dyno, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Dynos run as local processes on Linux only.");
        }

        MakeDirectory(Path.GetDirectoryName(_directory)!, PassThrough);
        MakeDirectory(_directory, PassThrough);
        if (dyno.UserId is { } user)
        {
            CheckReachable(user);
        }

        await unpacker.UnpackAsync(dyno.Slug, App, dyno.UserId, cancellationToken).ConfigureAwait(false);
        File.SetUnixFileMode(App, Private);
        MakeDirectory(Temporary, Private);
        if (dyno.UserId is { } owner)
        {
            Libc.ThrowIf(Libc.ChangeOwner(Temporary, (uint)owner, (uint)owner) != 0, "lchown");
        }

        void MakeDirectory(string path, UnixFileMode mode)
        {
            Directory.CreateDirectory(path);

            // Not at creation: the host's umask would take bits away.
            File.SetUnixFileMode(path, mode);
        }

        void CheckReachable(int user)
        {
            for (var parent = Path.GetDirectoryName(_directory); parent is not null; parent = Path.GetDirectoryName(parent))
            {
                if ((File.GetUnixFileMode(parent) & UnixFileMode.OtherExecute) == 0)
                {
                    throw new ProcessStartException($"{dyno.AppName}/{dyno.Name} can't be started: its user {user} may not pass through {parent}. Set its mode to o+x, or have dynos in another directory.");
                }
            }
        }
    }

    /// <summary>
    /// Removes them. By rm, which opens each directory before it looks inside: the app's user may have another dyno that
    /// puts a symbolic link in the way meanwhile, and the host may be root.
    /// </summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public async ValueTask RemoveAsync()
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        var problem = await RunAsync(Remove).ConfigureAwait(false);
        if (problem is not null && !Environment.IsPrivilegedProcess)
        {
            // A program may have locked a directory of its own. That stops an ordinary user, which is the owner here; never root.
            await RunAsync(["/bin/chmod", "-R", "u+rwX", "--", _directory]).ConfigureAwait(false);
            problem = await RunAsync(Remove).ConfigureAwait(false);
        }

        if (problem is not null)
        {
            throw new IOException($"{_directory} could not be removed: {problem}");
        }
    }

    /// <summary>Runs a tool of the host's on the files.</summary>
    /// <returns>What went wrong; <see langword="null"/> if nothing did.</returns>
    private async ValueTask<string?> RunAsync(ImmutableArray<string> command)
    {
        var process = await _launcher.StartAsync(new ProcessSpec { Command = command, WorkingDirectory = "/", Label = "removal of a dyno's files" }).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            using var reader = new StreamReader(process.Output, Encoding.UTF8);
            var said = await reader.ReadToEndAsync().ConfigureAwait(false);
            var exit = await process.Exited.ConfigureAwait(false);
            return exit.Succeeded ? null : said.Length > 1000 ? said[..1000] : said.Trim();
        }
    }
}
