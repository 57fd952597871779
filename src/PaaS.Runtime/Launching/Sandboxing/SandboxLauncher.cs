using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>
/// Starts each process in a sandbox of its own, made by <c>bwrap</c>: own process ids, IPC, host name, mounts, users and
/// cgroups, a read-only system, the spec's mounts and no other file of the host, a private /tmp, no capability, no way to gain
/// privileges, no dangerous system call; under a host that is root the spec's user id, also seen from outside, and a network
/// of its own if asked for. Everything dies with the first process, and with the host. Linux only.
/// </summary>
/// <remarks>
/// <para>A variable of a spec acts on nothing but the command, and no value stands in a command line: the environment reaches
/// the sandbox over a descriptor, once it stands.</para>
/// <para>As with <see cref="PlainLauncher"/>, what runs is on record, each process finds <c>PAAS_PROCESS</c> in its environment, and nothing is
/// set for the whole host process.</para>
/// <para>Processes that write only into <see cref="ProcessMountMode.Ephemeral"/> mounts share one unpacked source: it costs no copy and never changes.</para>
/// </remarks>
public sealed class SandboxLauncher : IProcessLauncher, IAsyncDisposable
{
    private readonly ProcessTrees _trees;
    private readonly Sandbox _sandbox;

    private SandboxLauncher(ProcessTrees trees, Sandbox sandbox)
    {
        _trees = trees;
        _sandbox = sandbox;
        Tools = new PlainLauncher(trees);
        Report = new IsolationReport("sandbox", []);
    }

    /// <summary>What holds on this machine, and why the rest does not.</summary>
    public IsolationReport Report { get; private set; }

    /// <inheritdoc/>
    public ProcessIsolation Isolation => Report.Held;

    /// <summary>
    /// Starts the host's own tools, without a sandbox, on the same records: what needs the host's files and runs nothing of a tenant's. It
    /// ends with this launcher.
    /// </summary>
    public IProcessLauncher Tools { get; }

    /// <summary>Makes a launcher, if this machine can have one, and finds out by a trial start what it enforces.</summary>
    /// <param name="options">Where and how it works.</param>
    /// <param name="cancellationToken">Ends the trial.</param>
    /// <returns>The launcher, or <see langword="null"/> and a report that says what is missing; a <see cref="PlainLauncher"/> may do then.</returns>
    /// <exception cref="ArgumentException">A path of the options is not absolute, or a size too small.</exception>
    /// <exception cref="IOException">A directory of the options can't be used, or a host that is alive uses the same records.</exception>
    public static async ValueTask<(SandboxLauncher? Launcher, IsolationReport Report)> TryCreateAsync(SandboxLauncherOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (!OperatingSystem.IsLinux() || !Libc.CanCloseDescriptors())
        {
            return (null, SandboxProbe.Nothing("The sandbox needs Linux with glibc 2.34 or later.", "Run the host there."));
        }

        if ((options.BwrapPath ?? StartScript.TryFind("bwrap")) is not { } bwrap || !File.Exists(bwrap))
        {
            return (null, SandboxProbe.Nothing($"bwrap is not in {StartScript.SearchPath}.", "Install bubblewrap 0.8 or later (apt-get install bubblewrap)."));
        }

        Directory.CreateDirectory(options.ScratchDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var trees = new ProcessTrees(options.RecordsDirectory, options.UseCgroups);
        string? noNetwork = "Networks are switched off for this host.";
        OwnNetworks? networks = null;
        try
        {
            networks = options.UseNetworks ? OwnNetworks.TryOpen(trees.HostId, out noNetwork) : null;
        }
        catch
        {
            await trees.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var sandbox = new Sandbox(options, bwrap, SystemCallFilter.Compose(RuntimeInformation.ProcessArchitecture), networks, trees);
        var launcher = new SandboxLauncher(trees, sandbox);
        try
        {
            launcher.Report = await SandboxProbe.TryAsync(launcher, trees, sandbox, noNetwork, cancellationToken).ConfigureAwait(false);
            if (launcher.Report.Held.HasFlag(ProcessIsolation.Files))
            {
                return (launcher, launcher.Report);
            }
        }
        catch
        {
            await launcher.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await launcher.DisposeAsync().ConfigureAwait(false);
        return (null, launcher.Report);
    }

    /// <inheritdoc/>
    public async ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _trees.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        SandboxRules.Check(spec);
        var marker = Guid.NewGuid();
        var environment = EnvironmentBlock.Write(spec, marker);
        return await _trees.StartAsync(spec, marker, SandboxChain.OwnProcesses, async () => await SandboxChain.CreateAsync(_sandbox, spec, marker).ConfigureAwait(false), environment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends what an earlier host with these directories left behind, and removes what its processes had written into ephemeral
    /// mounts. Call it once, before the first start.
    /// </summary>
    /// <param name="cancellationToken">Stops between two records.</param>
    /// <returns>What was found, also what had already ended.</returns>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public async ValueTask<IReadOnlyList<SweptProcess>> SweepAsync(CancellationToken cancellationToken = default)
    {
        var swept = await _trees.SweepAsync(cancellationToken).ConfigureAwait(false);
        await Task.Run(() => _sandbox.Sweep(_trees.IsLive), cancellationToken).ConfigureAwait(false);
        return swept;
    }

    /// <summary>Kills every process tree that is still there and returns when nothing is left of any.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _trees.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await _sandbox.DisposeAsync().ConfigureAwait(false);
        }
    }
}
