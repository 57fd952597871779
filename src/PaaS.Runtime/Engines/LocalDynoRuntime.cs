using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// Runs dynos as processes of this machine, through an <see cref="IProcessLauncher"/>. Linux only. Each dyno has its slug,
/// fresh and writable, as its home and working directory (or a directory of it, <see cref="DynoSpec.AppDirectory"/>), a temporary directory and, if it takes requests, a port. Its environment is the config vars with <c>HOME</c>, <c>PWD</c>, <c>DYNO</c> and <c>PORT</c>, and
/// <c>PATH</c>, <c>LANG</c> and <c>TMPDIR</c> unless the config vars have them. bash sources <c>.profile.d/*.sh</c> by
/// name and <c>.profile</c>, then runs the command (Heroku: "Dyno Startup Behavior").
/// </summary>
/// <remarks>
/// <para>With a launcher that gives processes files of their own (<see cref="ProcessIsolation.Files"/>) a slug is unpacked once
/// for all dynos of an app, which see it at <c>/app</c> through a layer of their own; otherwise each has a copy on the host.
/// With <see cref="ProcessIsolation.Network"/> a dyno listens at an address of its own and must bind to 0.0.0.0 or ::, as on
/// Heroku; otherwise it has a port on the host's loopback address. Memory, CPU, processes and disk are limited by its size
/// where the launcher can; what it can't is said in the app's log at each start.</para>
/// <para>When the command ends by itself, what it has left running is killed. When the dyno has been asked to end
/// (SIGTERM), the others may go on until they have ended, or until they are killed: the grace period is everybody's.</para>
/// </remarks>
public sealed class LocalDynoRuntime : IDynoRuntime
{
    private readonly IProcessLauncher _launcher;
    private readonly ISlugUnpacker _unpacker;
    private readonly LocalDynoRuntimeOptions _options;
    private readonly string _directory;
    private readonly PortRange _ports;
    private readonly UnpackedSlugs _slugs;

    /// <summary>Makes the engine.</summary>
    /// <param name="launcher">Starts the processes.</param>
    /// <param name="unpacker">Unpacks the slugs.</param>
    /// <param name="options">Where, and in which range of ports.</param>
    /// <exception cref="ArgumentException">The directory is not an absolute path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range of ports is empty or outside 1024 to 65535, or a limit is out of its range.</exception>
    public LocalDynoRuntime(IProcessLauncher launcher, ISlugUnpacker unpacker, LocalDynoRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(unpacker);
        ArgumentNullException.ThrowIfNull(options);
        if (!Path.IsPathFullyQualified(options.DynosDirectory))
        {
            throw new ArgumentException($"'{options.DynosDirectory}' is not an absolute path. Give the directory of the dynos' files as one.", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.MemoryLimit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DiskBytes, 1L << 20);
        _launcher = launcher;
        _unpacker = unpacker;
        _options = options;
        _directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DynosDirectory));
        _ports = new PortRange(options.LowestPort, options.HighestPort, options.Random, options.Time, PortProbe.IsFree);
        _slugs = new UnpackedSlugs(unpacker, Path.Combine(_directory, "slugs"), options);
    }

    /// <inheritdoc/>
    public ProcessIsolation Isolation => _launcher.Isolation;

    /// <summary>None: what an earlier host left is ended before this one starts anything.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => new([]);

    /// <summary>Unpacks a slug, where dynos share it; otherwise does nothing, as each dyno unpacks a copy.</summary>
    /// <param name="slug">The slug.</param>
    /// <param name="userId">The user id that its dynos will run as.</param>
    /// <param name="cancellationToken">Gives up the wait; an unpacking that nobody waits for is given up, too.</param>
    /// <exception cref="SlugChecksumException">The stored slug has changed (R17).</exception>
    /// <exception cref="SlugNotFoundException">There is no such slug.</exception>
    public async ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default)
    {
        if (SharesSlugs)
        {
            using var lease = await _slugs.LeaseAsync(slug, userId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!File.Exists(_options.BashPath))
        {
            throw new ProcessStartException($"{_options.BashPath} does not exist, and dynos' commands are run by bash. Install bash, or give its path in {nameof(LocalDynoRuntimeOptions)}.{nameof(LocalDynoRuntimeOptions.BashPath)}.");
        }

        int? port = spec.Listens ? TakePort() : null;
        DynoHome? home = null;
        ProcessHandle? process = null;
        try
        {
            home = (await OpenHomeAsync(spec, cancellationToken).ConfigureAwait(false)).In(spec.AppDirectory);
            if (IsolationLine.Of(Isolation, spec.UserId) is { } line)
            {
                spec.Logs.Write(LogSource.Heroku, spec.Name.ToString(), line);
            }

            process = await _launcher.StartAsync(DynoCommand.Compose(spec, home, port, Isolation, _options), cancellationToken).ConfigureAwait(false);
            var endpoint = port is { } number ? new IPEndPoint(AddressOf(spec, process), number) : null;
            return new LocalDyno(spec, process, endpoint, _options.Time, () => RemoveAsync(home, port));
        }
        catch
        {
            if (process is not null)
            {
                await process.DisposeAsync().ConfigureAwait(false);
            }

            await RemoveAsync(home, port).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Removes the files of an earlier host's dynos and the slugs unpacked for them. Call it once, before the first start and after
    /// the launcher's sweep has ended their processes.
    /// </summary>
    /// <param name="cancellationToken">Stops between two dynos.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public ValueTask SweepAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _slugs.Sweep();
        if (!Directory.Exists(_directory))
        {
            return ValueTask.CompletedTask;
        }

        foreach (var path in Directory.GetDirectories(_directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out _))
            {
                DirectoryTree.Delete(path);
            }
        }

        return ValueTask.CompletedTask;
    }

    private bool SharesSlugs => Isolation.HasFlag(ProcessIsolation.Files);

    // In a network of its own a dyno has every port to itself. It gets one by chance all the same: no app can come to rely on
    // a number, and a late request for a dyno that has gone finds nobody at its port should another have got its address.
    private int TakePort() => Isolation.HasFlag(ProcessIsolation.Network) ? _ports.Draw() : _ports.Take();

    private IPAddress AddressOf(DynoSpec spec, ProcessHandle process) =>
        process.Address ?? (Isolation.HasFlag(ProcessIsolation.Network)
            ? throw new ProcessStartException($"{spec.AppName}/{spec.Name} was started without the network of its own that its launcher promises, so no address leads to it. This is a mistake in the launcher, {_launcher.GetType().Name}.")
            : IPAddress.Loopback);

    private async ValueTask<DynoHome> OpenHomeAsync(DynoSpec spec, CancellationToken cancellationToken)
    {
        if (SharesSlugs)
        {
            return DynoHome.Of(await _slugs.LeaseAsync(spec.Slug, spec.UserId, cancellationToken).ConfigureAwait(false));
        }

        var files = new DynoFiles(_launcher, Path.Combine(_directory, spec.Id.ToString("N")));
        try
        {
            await files.CreateAsync(_unpacker, spec, cancellationToken).ConfigureAwait(false);
            return DynoHome.Of(files);
        }
        catch
        {
            await files.RemoveAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask RemoveAsync(DynoHome? home, int? port)
    {
        try
        {
            if (home is not null)
            {
                await home.RemoveAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (port is { } number)
            {
                _ports.Return(number);
            }
        }
    }
}
