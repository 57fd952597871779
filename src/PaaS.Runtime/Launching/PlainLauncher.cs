using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// Starts processes on this machine without a sandbox: each in a session of its own, in a cgroup v2 group of its own where
/// the host may make one, with nothing of the host's environment and only the descriptors 0, 1 and 2; under the spec's
/// user id if it has one, with no way to gain privileges. No variable of a spec acts before the user id has changed, and no
/// value ever stands in a command line. Linux with glibc 2.34 or later only.
/// </summary>
/// <remarks>
/// <para>Before a command runs, the launcher records its process id, start time and group in a directory. The record goes
/// when the whole tree has gone; <see cref="SweepAsync"/> ends what a host that was killed has left.</para>
/// <para>Each process finds one variable beside those of its spec: <c>PAAS_PROCESS</c>, a random marker of its tree.</para>
/// <para>Of <see cref="ProcessLimits"/> it applies open files, file size, niceness and, under a user id of the spec's,
/// processes. It can't limit memory.</para>
/// <para>It sets nothing for the whole host process: no signal handler, no subreaper, no environment variable, and reaps
/// no child but its own.</para>
/// </remarks>
public sealed class PlainLauncher : IProcessLauncher, IAsyncDisposable
{
    private readonly ProcessRecords _records;
    private readonly string? _cgroups;
    private readonly ExitWatcher _exits;
    private readonly ConcurrentDictionary<Guid, LaunchedProcess> _live = new();
    private readonly Lock _gate = new();
    private volatile bool _disposed;

    /// <summary>Makes a launcher.</summary>
    /// <param name="recordsDirectory">Where to record what runs. The host's own, one host at a time; made with mode 0700 if missing.</param>
    /// <param name="useCgroups">Whether to group processes by cgroup v2 where the host may; otherwise, and always where it may not, a tree is told by its session and its marker, which a process that means to hide can escape.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux, or a C library without posix_spawn_file_actions_addclosefrom_np (glibc before 2.34, musl).</exception>
    public PlainLauncher(string recordsDirectory, bool useCgroups = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(recordsDirectory);
        if (!OperatingSystem.IsLinux() || !Libc.CanCloseDescriptors())
        {
            throw new PlatformNotSupportedException("Processes are launched on Linux with glibc 2.34 or later only. On other systems use an engine that runs dynos elsewhere.");
        }

        _records = new ProcessRecords(recordsDirectory);
        _cgroups = useCgroups ? CgroupMount.TryMake(_records.HostId.ToString("N")) : null;
        _exits = new ExitWatcher();
    }

    /// <summary>Whether each process tree gets a cgroup of its own, which nothing can leave.</summary>
    public bool UsesCgroups => _cgroups is not null;

    /// <inheritdoc/>
    public ProcessIsolation Isolation =>
        (Libc.EffectiveUserId() == 0 ? ProcessIsolation.Users : ProcessIsolation.None) | (UsesCgroups ? ProcessIsolation.Tree : ProcessIsolation.None);

    /// <inheritdoc/>
    public async ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        SpecRules.Check(spec);
        var marker = Guid.NewGuid();
        var environment = EnvironmentBlock.Write(spec, marker);
        var arguments = StartScript.Compose(spec);

        var streams = StdStreams.Open(spec);
        var process = await BeginAsync(spec, marker, arguments, streams).ConfigureAwait(false);
        try
        {
            await ReleaseAsync(spec, process, streams, environment, cancellationToken).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Ends what an earlier host with this records directory left behind: for each record of this boot, everything in its
    /// cgroup, or, without one, every process of its session or with its marker. Never goes by a process id or a name alone.
    /// Call it once, before the first start.
    /// </summary>
    /// <param name="cancellationToken">Stops between two records.</param>
    /// <returns>What was found, also what had already ended.</returns>
    public async ValueTask<IReadOnlyList<SweptProcess>> SweepAsync(CancellationToken cancellationToken = default)
    {
        var swept = new List<SweptProcess>();
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

        RemoveUnrecordedGroups();
        return swept;
    }

    /// <summary>Kills every process tree that is still there and returns when nothing is left of any.</summary>
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
            EndWatch();
        }
    }

    private void EndWatch()
    {

        _exits.Dispose();
        if (_cgroups is not null)
        {
            new Cgroup(_cgroups).TryRemoveAlone();
        }
    }

    /// <summary>Starts the chain, which then waits for its environment, and writes it down.</summary>
    private async ValueTask<LaunchedProcess> BeginAsync(ProcessSpec spec, Guid marker, List<string> arguments, StdStreams streams)
    {
        var process = await SpawnAsync(spec, marker, arguments, streams).ConfigureAwait(false);
        try
        {
            // It has started nothing yet: it waits for its environment, and ends if that doesn't come.
            process.Group.Join(process.Id);
            _records.Write(new ProcessRecord(marker, spec.Label, _records.BootId, process.Id, process.StartTime, process.Group.CgroupPath));
            return process;
        }
        catch
        {
            _ = Libc.Kill(process.Id, (int)ProcessSignal.Kill);
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<LaunchedProcess> SpawnAsync(ProcessSpec spec, Guid marker, List<string> arguments, StdStreams streams)
    {
        Cgroup? cgroup = null;
        try
        {
            cgroup = _cgroups is null ? null : Cgroup.Create(Path.Combine(_cgroups, marker.ToString("N")));

            // Either the launcher's end sees this process among the live ones, or this start sees the end.
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                var pid = Spawn.Start(arguments, streams.ChildInput, streams.ChildOutput, streams.ChildError, streams.ChildControl);
                streams.CloseChildEnds();
                var exited = _exits.Watch(pid);
                var startTime = ProcessStat.Read(pid)?.StartTime ?? -1;
                var group = cgroup ?? (ProcessGroup)new SessionGroup(pid, startTime, marker);
                return _live[marker] = new LaunchedProcess(pid, startTime, exited, group, streams, removed => Forget(marker, removed));
            }
        }
        catch (Exception e)
        {
            // Without its environment the chain, should it run, ends by itself.
            await streams.DisposeAsync().ConfigureAwait(false);
            cgroup?.TryRemove();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new ProcessStartException($"{spec.Label} could not be started: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Waits until the chain has reached its last link and hands over the environment, at which the command runs.</summary>
    private static async ValueTask ReleaseAsync(ProcessSpec spec, LaunchedProcess process, StdStreams streams, byte[] environment, CancellationToken cancellationToken)
    {
        using var control = streams.Control;
        try
        {
            var ready = new byte[1];
            if (await control.ReceiveAsync(ready, cancellationToken).ConfigureAwait(false) == 1)
            {
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
        var said = await ReadAsync(streams.Error ?? streams.Output, cancellationToken).ConfigureAwait(false);
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
        if (record.Cgroup is { } path && Cgroup.IsOf(record.Marker, path))
        {
            var cgroup = new Cgroup(path);
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

    /// <summary>A host killed between making a group and recording it leaves an empty directory: the chain ended by itself.</summary>
    private void RemoveUnrecordedGroups()
    {
        if (_cgroups is null)
        {
            return;
        }

        foreach (var path in Directory.GetDirectories(_cgroups))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out var marker) && !_live.ContainsKey(marker))
            {
                new Cgroup(path).TryRemove();
            }
        }
    }

    private void Forget(Guid marker, bool removed)
    {
        // Where a zombie that its new parent has yet to reap kept the directory, the record lets the next sweep remove it.
        if (removed)
        {
            _records.Delete(marker);
        }

        _live.TryRemove(marker, out _);
    }
}
