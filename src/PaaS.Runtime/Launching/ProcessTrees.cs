using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// What launchers share: the process trees that one of them has started, each on record and in a group until nothing of
/// it is left. What differs between launchers is the <see cref="StartChain"/>.
/// </summary>
internal sealed class ProcessTrees : IAsyncDisposable
{
    private readonly ProcessRecords _records;
    private readonly HostCgroups? _cgroups;
    private readonly ExitWatcher _exits;
    private readonly SpawnThread _spawner;
    private readonly Watchdog _watchdog;
    private readonly ConcurrentDictionary<Guid, LaunchedProcess> _live = new();
    private readonly Lock _gate = new();
    private volatile bool _disposed;
    private volatile Task _ready = Task.CompletedTask;

    /// <summary>Opens the records.</summary>
    /// <param name="recordsDirectory">Where to record what runs.</param>
    /// <param name="useCgroups">Whether to group processes by cgroup where the host may.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or an old C library.</exception>
    public ProcessTrees(string recordsDirectory, bool useCgroups)
    {
        ArgumentException.ThrowIfNullOrEmpty(recordsDirectory);
        if (!OperatingSystem.IsLinux() || !Libc.CanCloseDescriptors())
        {
            throw new PlatformNotSupportedException("Processes are launched on Linux with glibc 2.34 or later only. On other systems use an engine that runs dynos elsewhere.");
        }

        _records = new ProcessRecords(recordsDirectory);
        _cgroups = useCgroups ? HostCgroups.TryMake(_records.HostId.ToString("N")) : null;
        _exits = new ExitWatcher();
        _spawner = new SpawnThread();
        _watchdog = new Watchdog(_exits, _cgroups?.Directories ?? []);
    }

    /// <summary>Whether each tree gets a cgroup of its own.</summary>
    public bool UsesCgroups => _cgroups is not null;

    /// <summary>What is enforced for every tree whatever its chain does: by cgroup, and by the watchdog.</summary>
    public ProcessIsolation Isolation => (_cgroups?.Isolation ?? ProcessIsolation.None) | (_watchdog.IsAble ? ProcessIsolation.DiesWithHost : ProcessIsolation.None);

    /// <summary>The limits that no cgroup sees to, and the chain must.</summary>
    public ProcessLimits RestOf(ProcessLimits limits) => _cgroups?.RestOf(limits) ?? limits;

    /// <summary>A name for this host that stays the same over restarts.</summary>
    public Guid HostId => _records.HostId;

    /// <summary>Whether a tree of this marker is alive.</summary>
    public bool IsLive(Guid marker) => _live.ContainsKey(marker);

    /// <summary>Starts a command whose chain is at hand. It is the trees' once its group is made, also when the start fails.</summary>
    public ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, Guid marker, StartChain chain, byte[] environment, CancellationToken cancellationToken) =>
        StartAsync(spec, marker, 0, () => new ValueTask<StartChain>(chain), environment, cancellationToken);

    /// <summary>Starts a command. What its chain needs is the trees' from here on, also when the start fails.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="marker">The tree's marker.</param>
    /// <param name="helpers">How many processes of the chain's stay in the tree.</param>
    /// <param name="prepare">Makes the chain.</param>
    /// <param name="environment">What the chain's last link reads.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public async ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, Guid marker, int helpers, Func<ValueTask<StartChain>> prepare, byte[] environment, CancellationToken cancellationToken)
    {
        // The group first: while its chain is prepared the kernel gets ready for the move into it.
        var cgroup = CreateGroup(spec, marker, helpers);
        GetReady();
        StartChain chain;
        try
        {
            chain = await prepare().ConfigureAwait(false);
        }
        catch
        {
            cgroup?.TryRemove();
            throw;
        }

        var process = await BeginAsync(spec, marker, chain, cgroup).ConfigureAwait(false);
        try
        {
            await ReleaseAsync(spec, process, environment, cancellationToken).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Refuses a start after the end.</summary>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Ends what an earlier host with these records left behind.</summary>
    public async ValueTask<IReadOnlyList<SweptProcess>> SweepAsync(CancellationToken cancellationToken)
    {
        var swept = new List<SweptProcess>();
        if (_live.IsEmpty)
        {
            _records.DeleteUnfinished();
        }

        foreach (var record in _records.ReadAll())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_live.ContainsKey(record.Marker))
            {
                continue;
            }

            if (record.BootId == _records.BootId)
            {
                swept.Add(await EndAsync(record).ConfigureAwait(false));
            }

            _records.Delete(record.Marker);
        }

        if (_cgroups is not null)
        {
            await _cgroups.SweepAsync(_live.ContainsKey).ConfigureAwait(false);
        }

        return swept;
    }

    /// <summary>Kills every tree and returns when nothing is left of any.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        try
        {
            await Task.WhenAll(_live.Values.Select(static process => process.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
        finally
        {
            await EndWatchAsync().ConfigureAwait(false);
        }
    }

    private Cgroup? CreateGroup(ProcessSpec spec, Guid marker, int helpers)
    {
        try
        {
            return _cgroups?.Create(marker, spec.Limits, helpers);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProcessStartException($"{spec.Label} could not be started: {e.Message}", e);
        }
    }

    /// <summary>Nothing waits for it but the kernel, at the move. Starts at once may each do it: the kernel does it once for all.</summary>
    private void GetReady()
    {
        if (_cgroups is { } cgroups && _ready.IsCompleted && _watchdog.Id is var pid and not 0)
        {
            _ready = Task.Run(() => cgroups.GetReady(pid));
        }
    }

    private async ValueTask EndWatchAsync()
    {
        await _ready.ConfigureAwait(false);
        await _watchdog.DisposeAsync().ConfigureAwait(false);
        _spawner.Dispose();
        _exits.Dispose();
        _cgroups?.Remove();
    }

    /// <summary>Starts the chain, which then waits for its environment, and writes it down.</summary>
    private async ValueTask<LaunchedProcess> BeginAsync(ProcessSpec spec, Guid marker, StartChain chain, Cgroup? cgroup)
    {
        var process = await SpawnAsync(spec, marker, chain, cgroup).ConfigureAwait(false);
        try
        {
            // It has started nothing yet: it waits to be confirmed, or for its environment, and ends if that doesn't come.
            _records.Write(new ProcessRecord(marker, spec.Label, _records.BootId, process.Id, process.StartTime, process.Group.CgroupPath, process.Group.ControllerPaths));
            _watchdog.Add(marker, process.Id, process.StartTime);
            if (!_live.ContainsKey(marker))
            {
                // The launcher's end was quicker, and has forgotten it before it was written down.
                Forget(marker, removed: true);
                throw new ObjectDisposedException(nameof(ProcessTrees), "The launcher has ended.");
            }

            chain.Confirm(process.Id);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<LaunchedProcess> SpawnAsync(ProcessSpec spec, Guid marker, StartChain chain, Cgroup? cgroup)
    {
        StdStreams? streams = null;
        try
        {
            streams = StdStreams.Open(spec);
            return await _spawner.RunAsync(() => BeginTree(marker, chain, streams, cgroup)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Without its environment the chain, should it run, ends by itself.
            if (streams is not null)
            {
                await streams.DisposeAsync().ConfigureAwait(false);
            }

            cgroup?.TryRemove();
            await chain.RemoveAsync().ConfigureAwait(false);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new ProcessStartException($"{spec.Label} could not be started: {e.Message}", e);
            }

            throw;
        }
    }

    private LaunchedProcess BeginTree(Guid marker, StartChain chain, StdStreams streams, Cgroup? cgroup)
    {
        // Either the launcher's end sees this process among the live ones, or this start sees the end. A live one is in its group:
        // whoever kills the group kills it.
        lock (_gate)
        {
            ThrowIfDisposed();
            var pid = 0;
            try
            {
                Libc.LeaveKeyring();
                using (chain.Enter())
                {
                    pid = Spawn.Start(chain.Arguments, streams, chain.Descriptors, chain.LeadsTerminal);
                }

                streams.Begin();
                chain.CloseChildEnds();
                var startTime = ProcessStat.Read(pid)?.StartTime ?? -1;
                var group = cgroup ?? (ProcessGroup)new SessionGroup(pid, startTime, marker);
                group.Join(pid);
                return _live[marker] = new LaunchedProcess(pid, startTime, _exits.Watch(pid), group, streams, chain, removed => Forget(marker, removed));
            }
            catch when (pid != 0)
            {
                // Nobody else knows of it. It has started nothing, and nobody else reaps it.
                ExitWatcher.End(pid);
                throw;
            }
        }
    }

    /// <summary>Waits until the chain has reached its last link and hands over the environment, at which the command runs.</summary>
    private static async ValueTask ReleaseAsync(ProcessSpec spec, LaunchedProcess process, byte[] environment, CancellationToken cancellationToken)
    {
        using var control = process.Streams.Control;
        try
        {
            var ready = new byte[1];
            if (await control.ReceiveAsync(ready, cancellationToken).ConfigureAwait(false) == 1)
            {
                process.Chain.Started(process);
                for (var sent = 0; sent < environment.Length;)
                {
                    sent += await control.SendAsync(environment.AsMemory(sent), cancellationToken).ConfigureAwait(false);
                }

                return;
            }
        }
        catch (SocketException)
        {
            // EPIPE or ECONNRESET: it ended in between, and has said why.
        }

        var exit = await process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        var said = await ReadAsync(process.Streams.Error ?? process.Output, cancellationToken).ConfigureAwait(false);
        throw new ProcessStartException($"{spec.Label} could not be started in {spec.WorkingDirectory}: status {exit.Status}. {said}".TrimEnd());
    }

    private static async ValueTask<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var text = new byte[1000];
        var length = await stream.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text, 0, length).Trim();
    }

    private static async ValueTask<SweptProcess> EndAsync(ProcessRecord record)
    {
        var killed = 0;
        if (Cgroup.Of(record) is { } cgroup)
        {
            killed += cgroup.List().Count;
            await cgroup.KillAllAsync().ConfigureAwait(false);
            await cgroup.RemoveAsync().ConfigureAwait(false);
        }

        // Also after a cgroup: an ordinary user's process may have moved to another of that user's groups.
        var session = new SessionGroup(record.Pid, record.StartTime, record.Marker);
        killed += session.List().Count;
        await session.KillAllAsync().ConfigureAwait(false);
        return new SweptProcess(record.Label, record.Pid, killed);
    }

    private void Forget(Guid marker, bool removed)
    {
        _watchdog.Remove(marker);

        // Where a zombie that its new parent has yet to reap kept the directory, the record lets the next sweep remove it.
        if (removed)
        {
            _records.Delete(marker);
        }

        _live.TryRemove(marker, out _);
    }
}
