namespace PaaS.Runtime;

/// <summary>
/// Starts processes on this machine without a sandbox: each in a session of its own, in a cgroup of its own where
/// the host may make one, with nothing of the host's environment and only the descriptors 0, 1 and 2; under the spec's
/// user id if it has one, with no way to gain privileges. No variable of a spec acts before the user id has changed, and no
/// value ever stands in a command line. Linux with glibc 2.34 or later only.
/// </summary>
/// <remarks>
/// <para>Before a command runs, the launcher records its process id, start time and group in a directory. The record goes
/// when the whole tree has gone; <see cref="SweepAsync"/> ends what a host that was killed has left.</para>
/// <para>Each process finds one variable beside those of its spec: <c>PAAS_PROCESS</c>, a random marker of its tree.</para>
/// <para>Of <see cref="ProcessLimits"/> it applies open files, file size and niceness to each process; memory, CPU shares and
/// processes to the whole tree where it may make cgroups (version 1, 2 or both) with those controllers, which
/// <see cref="Isolation"/> says. Without, processes are limited only under a user id of the spec's, for all of that user's together.</para>
/// <para>When the host ends, however it ends, a watchdog (a small shell, one per launcher) kills every tree that is left.</para>
/// <para>It sets nothing for the whole host process: no signal handler, no subreaper, no environment variable, and reaps
/// no child but its own.</para>
/// </remarks>
public sealed class PlainLauncher : IProcessLauncher, IAsyncDisposable
{
    private readonly ProcessTrees _trees;

    /// <summary>Makes a launcher.</summary>
    /// <param name="recordsDirectory">Where to record what runs. The host's own, one host at a time; made with mode 0700 if missing.</param>
    /// <param name="useCgroups">Whether to group processes by cgroup where the host may; otherwise, and always where it may not, a tree is told by its session and its marker, which a process that means to hide can escape.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or a C library without posix_spawn_file_actions_addclosefrom_np (glibc before 2.34, musl).</exception>
    public PlainLauncher(string recordsDirectory, bool useCgroups = true) => _trees = new ProcessTrees(recordsDirectory, useCgroups);

    /// <summary>Makes one beside another launcher, which the trees are of and which ends them.</summary>
    internal PlainLauncher(ProcessTrees trees) => _trees = trees;

    /// <summary>Whether each process tree gets a cgroup of its own, which nothing can leave.</summary>
    public bool UsesCgroups => _trees.UsesCgroups;

    /// <inheritdoc/>
    public ProcessIsolation Isolation =>
        (Libc.EffectiveUserId() == 0 ? ProcessIsolation.Users : ProcessIsolation.None) | _trees.Isolation;

    /// <summary>What holds on this machine, and why the rest does not.</summary>
    public IsolationReport Report => IsolationReport.Without(
        "plain",
        Enum.GetValues<ProcessIsolation>().Where(flag => !Isolation.HasFlag(flag)).ToDictionary(static flag => flag, static _ => ("The plain launcher on this machine can't.", "Install bubblewrap 0.8 or later for the sandbox, and run the host as root.")));

    /// <inheritdoc/>
    public async ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _trees.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        SpecRules.Check(spec);
        SpecRules.CheckPlain(spec);
        var marker = Guid.NewGuid();
        var environment = EnvironmentBlock.Write(spec, marker);
        return await _trees.StartAsync(spec, marker, new StartChain(StartScript.Compose(spec with { Limits = _trees.RestOf(spec.Limits) })), environment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends what an earlier host with this records directory left behind: for each record of this boot, everything in its
    /// cgroup, or, without one, every process of its session or with its marker. Never goes by a process id or a name alone.
    /// Call it once, before the first start.
    /// </summary>
    /// <param name="cancellationToken">Stops between two records.</param>
    /// <returns>What was found, also what had already ended.</returns>
    public ValueTask<IReadOnlyList<SweptProcess>> SweepAsync(CancellationToken cancellationToken = default) => _trees.SweepAsync(cancellationToken);

    /// <summary>Kills every process tree that is still there and returns when nothing is left of any.</summary>
    public ValueTask DisposeAsync() => _trees.DisposeAsync();
}
