using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// Runs dynos as processes of this machine, through an <see cref="IProcessLauncher"/>. Linux only. Each dyno has a fresh,
/// writable copy of its slug as its home and working directory, a temporary directory and, if it takes requests, a port
/// on loopback. Its environment is the config vars with <c>HOME</c>, <c>PWD</c>, <c>DYNO</c> and <c>PORT</c>, and
/// <c>PATH</c>, <c>LANG</c> and <c>TMPDIR</c> unless the config vars have them. bash sources <c>.profile.d/*.sh</c> by
/// name and <c>.profile</c>, then runs the command (Heroku: "Dyno Startup Behavior").
/// </summary>
/// <remarks>
/// When the command ends by itself, what it has left running is killed. When the dyno has been asked to end
/// (SIGTERM), the others may go on until they have ended, or until they are killed: the grace period is everybody's.
/// </remarks>
public sealed class LocalDynoRuntime : IDynoRuntime
{
    private readonly IProcessLauncher _launcher;
    private readonly ISlugUnpacker _unpacker;
    private readonly LocalDynoRuntimeOptions _options;
    private readonly string _directory;
    private readonly PortRange _ports;

    /// <summary>Makes the engine.</summary>
    /// <param name="launcher">Starts the processes.</param>
    /// <param name="unpacker">Unpacks the slugs.</param>
    /// <param name="options">Where, and in which range of ports.</param>
    /// <exception cref="ArgumentException">The directory is not an absolute path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range of ports is empty or outside 1024 to 65535.</exception>
    public LocalDynoRuntime(IProcessLauncher launcher, ISlugUnpacker unpacker, LocalDynoRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(unpacker);
        ArgumentNullException.ThrowIfNull(options);
        if (!Path.IsPathFullyQualified(options.DynosDirectory))
        {
            throw new ArgumentException($"'{options.DynosDirectory}' is not an absolute path. Give the directory of the dynos' files as one.", nameof(options));
        }

        _launcher = launcher;
        _unpacker = unpacker;
        _options = options;
        _directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DynosDirectory));
        _ports = new PortRange(options.LowestPort, options.HighestPort, options.Random, options.Time, PortProbe.IsFree);
    }

    /// <inheritdoc/>
    public ProcessIsolation Isolation => _launcher.Isolation;

    /// <summary>None: what an earlier host left is ended before this one starts anything.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<IReadOnlyList<IDyno>> ListAsync(CancellationToken cancellationToken = default) => new([]);

    /// <summary>Does nothing: each dyno unpacks its own copy.</summary>
    /// <param name="slug">The slug.</param>
    /// <param name="userId">The user id of its dynos.</param>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask PrepareAsync(SlugId slug, int? userId = null, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<IDyno> StartAsync(DynoSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!File.Exists(_options.BashPath))
        {
            throw new ProcessStartException($"{_options.BashPath} does not exist, and dynos' commands are run by bash. Install bash, or give its path in {nameof(LocalDynoRuntimeOptions)}.{nameof(LocalDynoRuntimeOptions.BashPath)}.");
        }

        var files = new DynoFiles(_launcher, Path.Combine(_directory, spec.Id.ToString("N")));
        int? port = spec.Listens ? _ports.Take() : null;
        try
        {
            await files.CreateAsync(_unpacker, spec, cancellationToken).ConfigureAwait(false);
            var process = await _launcher.StartAsync(DynoCommand.Compose(spec, files, port, _options.BashPath), cancellationToken).ConfigureAwait(false);
            var endpoint = port is { } number ? new IPEndPoint(IPAddress.Loopback, number) : null;
            return new LocalDyno(spec, process, endpoint, _options.Time, () => RemoveAsync(files, port));
        }
        catch
        {
            await RemoveAsync(files, port).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Removes the files of an earlier host's dynos. Call it once, before the first start and after
    /// <see cref="PlainLauncher.SweepAsync"/> has ended their processes.
    /// </summary>
    /// <param name="cancellationToken">Stops between two dynos.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public async ValueTask SweepAsync(CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        foreach (var path in Directory.GetDirectories(_directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out _))
            {
                await new DynoFiles(_launcher, path).RemoveAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask RemoveAsync(DynoFiles files, int? port)
    {
        try
        {
            await files.RemoveAsync().ConfigureAwait(false);
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
