namespace PaaS.Runtime;

/// <summary>A process tree of <see cref="PlainLauncher"/>'s.</summary>
internal sealed class LaunchedProcess : ProcessHandle
{
    private readonly Lock _gate = new();
    private readonly Action<bool> _forget;
    private readonly StdStreams _streams;
    private Task? _end;
    private volatile bool _gone;

    /// <summary>Makes the handle.</summary>
    /// <param name="id">The first process.</param>
    /// <param name="startTime">When it started, in clock ticks since boot.</param>
    /// <param name="exited">Its end.</param>
    /// <param name="group">Its tree.</param>
    /// <param name="streams">Our ends of its pipes.</param>
    /// <param name="forget">Called once, when nothing of the tree is alive; told whether its group could be removed.</param>
    public LaunchedProcess(int id, long startTime, Task<ProcessExit> exited, ProcessGroup group, StdStreams streams, Action<bool> forget)
    {
        Id = id;
        StartTime = startTime;
        Exited = exited;
        Group = group;
        _streams = streams;
        _forget = forget;
    }

    public override int Id { get; }

    public long StartTime { get; }

    public ProcessGroup Group { get; }

    public override Task<ProcessExit> Exited { get; }

    public override Stream Input => _streams.Input ?? throw new InvalidOperationException($"The process has no input: its {nameof(ProcessSpec)} did not set {nameof(ProcessSpec.RedirectInput)}.");

    public override Stream Output => _streams.Output;

    public override Stream Error => _streams.Error ?? throw new InvalidOperationException($"The process has no error stream of its own: its {nameof(ProcessSpec)} did not set {nameof(ProcessSpec.SeparateError)}.");

    public override IReadOnlyList<int> ListProcesses() => _gone ? [] : Group.List();

    public override void SignalAll(ProcessSignal signal)
    {
        if (!_gone)
        {
            Group.Signal((int)signal);
        }
    }

    public override async ValueTask KillTreeAsync(CancellationToken cancellationToken = default) =>
        await End().WaitAsync(cancellationToken).ConfigureAwait(false);

    public override async ValueTask DisposeAsync()
    {
        await End().ConfigureAwait(false);
        await _streams.DisposeAsync().ConfigureAwait(false);
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
        await Exited.ConfigureAwait(false);

        // From here on the number may be another process's.
        _gone = true;
        ExitWatcher.Reap(Id);
        _forget(await Group.RemoveAsync().ConfigureAwait(false));
    }
}
