using System.Net;

namespace PaaS.Runtime;

/// <summary>A process tree of a launcher's.</summary>
internal sealed class LaunchedProcess : ProcessHandle
{
    private const int Killed = 128 + (int)ProcessSignal.Kill;
    private readonly Lock _gate = new();
    private readonly Action<bool> _forget;
    private Task? _end;
    private volatile bool _gone;

    /// <summary>Makes the handle.</summary>
    /// <param name="id">The first process.</param>
    /// <param name="startTime">When it started, in clock ticks since boot.</param>
    /// <param name="exited">Its end.</param>
    /// <param name="group">Its tree.</param>
    /// <param name="streams">Our ends of its pipes.</param>
    /// <param name="chain">What it was started through.</param>
    /// <param name="forget">Called once, when nothing of the tree is alive; told whether its group could be removed.</param>
    public LaunchedProcess(int id, long startTime, Task<ProcessExit> exited, ProcessGroup group, StdStreams streams, StartChain chain, Action<bool> forget)
    {
        Id = id;
        StartTime = startTime;
        Exited = NameReasonAsync(exited, chain, group);
        Group = group;
        Streams = streams;
        Chain = chain;
        _forget = forget;
    }

    public override int Id { get; }

    public long StartTime { get; }

    public ProcessGroup Group { get; }

    public StdStreams Streams { get; }

    public StartChain Chain { get; }

    public override IPAddress? Address => Chain.Address;

    public override Task<ProcessExit> Exited { get; }

    public override Stream Input => Streams.Input ?? throw new InvalidOperationException($"The process has no input: its {nameof(ProcessSpec)} did not set {nameof(ProcessSpec.RedirectInput)}.");

    public override Stream Output => Streams.Output;

    public override Stream Error => Streams.Error ?? throw new InvalidOperationException($"The process has no error stream of its own: its {nameof(ProcessSpec)} did not set {nameof(ProcessSpec.SeparateError)}.");

    public override ProcessUsage? Measure() => _gone ? null : Group.Measure();

    public override void Resize(TerminalSize size)
    {
        if (Streams.Terminal is not { } terminal)
        {
            base.Resize(size);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfZero(size.Columns);
        ArgumentOutOfRangeException.ThrowIfZero(size.Rows);
        terminal.Resize(size);
    }

    public override IReadOnlyList<int> ListProcesses() => _gone ? [] : Group.List();

    public override void SignalAll(ProcessSignal signal)
    {
        if (!_gone)
        {
            Group.Signal((int)signal, Chain.Owns);
        }
    }

    public override async ValueTask KillTreeAsync(CancellationToken cancellationToken = default) =>
        await End().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Kills what is there now, without a wait; <see cref="KillTreeAsync"/> does the rest.</summary>
    public void KillNow()
    {
        if (!_gone)
        {
            Group.Kill();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await End().ConfigureAwait(false);
        }
        finally
        {
            await Streams.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task End()
    {
        lock (_gate)
        {
            // One that failed is tried again: a tree must not be left because the host was short of something for a moment.
            return _end = _end is null or { IsFaulted: true } ? EndAsync() : _end;
        }
    }

    private async Task EndAsync()
    {
        await Group.KillAllAsync().ConfigureAwait(false);
        if (!_gone)
        {
            // Whatever has become of its group: until it is reaped the number is its own.
            _ = Libc.Kill(Id, (int)ProcessSignal.Kill);
            await Exited.ConfigureAwait(false);
            await Group.KillAllAsync().ConfigureAwait(false);
            StrayChildren.Reap(Id, Group);

            // From here on the number may be another process's, also when the rest fails and is tried again.
            _gone = true;
            ExitWatcher.Reap(Id);
        }

        var groupRemoved = await Group.RemoveAsync().ConfigureAwait(false);
        _forget(await Chain.RemoveAsync().ConfigureAwait(false) && groupRemoved);
    }

    /// <summary>The kernel counts before it kills. A shell that waited for the one it killed ends with the same status.</summary>
    private static async Task<ProcessExit> NameReasonAsync(Task<ProcessExit> exited, StartChain chain, ProcessGroup group)
    {
        var exit = await exited.ConfigureAwait(false);
        if (exit.Reason != ProcessExitReason.Ended || chain.Reason != ProcessExitReason.Ended)
        {
            return exit.Reason == ProcessExitReason.Ended ? exit with { Reason = chain.Reason } : exit;
        }

        try
        {
            exit = exit with { OutOfMemoryKills = group.OutOfMemoryKills };
            return exit is { Status: Killed, OutOfMemoryKills: > 0 } ? exit with { Reason = ProcessExitReason.OutOfMemory } : exit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The count can't be read, for want of a descriptor; how the process ended is known all the same.
            return exit;
        }
    }
}
