using System.Net;

namespace PaaS.Runtime;

/// <summary>A dyno of <see cref="LocalDynoRuntime"/>'s.</summary>
internal sealed class LocalDyno : IDyno
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>A small program listens in a moment; each look costs the host as much as it saves the one that waits longer.</summary>
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(2);

    /// <summary>How long the end of the output is waited for when no process of the dyno is left that could write.</summary>
    private static readonly TimeSpan LastOutputWait = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopPump = new();
    private readonly ProcessHandle _process;
    private readonly TimeProvider _time;
    private readonly Func<ValueTask> _remove;
    private readonly DynoSockets _sockets;
    private readonly Task _pump;
    private readonly Task _life;
    private Task? _end;
    private volatile IPEndPoint? _endpoint;
    private volatile bool _askedToEnd;

    public LocalDyno(DynoSpec spec, ProcessHandle process, IPEndPoint? endpoint, TimeProvider time, Func<ValueTask> remove)
    {
        Spec = spec;
        _process = process;
        _endpoint = endpoint;
        _time = time;
        _remove = remove;
        _sockets = new DynoSockets(process);
        if (spec.Streams == DynoStreams.Log)
        {
            _pump = OutputPump.RunAsync(process.Output, [spec.Logs, .. spec.Copies], spec.Name.ToString(), _stopPump.Token);
        }
        else
        {
            // What it writes last stays in the pipe or the terminal until it is read or the dyno is disposed.
            _pump = Task.CompletedTask;
            Attachment = new ProcessAttachment(process, spec.Streams == DynoStreams.Terminal, time);
        }

        _life = LiveAsync();
    }

    public DynoSpec Spec { get; }

    /// <summary>In the host's network 127.0.0.1, or, once it was seen to listen on ::1 alone, that; else the address of its own network.</summary>
    public IPEndPoint? Endpoint => _endpoint;

    public Task<ProcessExit> Exited => _exited.Task;

    public DynoAttachment? Attachment { get; }

    public ProcessUsage? Measure() => _process.Measure();

    public async ValueTask<bool> WaitUntilListeningAsync(CancellationToken cancellationToken = default)
    {
        var endpoint = _endpoint ?? throw new InvalidOperationException($"{Spec.Name} takes no requests: it has no port.");
        using var timer = new PeriodicTimer(FirstPoll, _time);
        while (!_process.Exited.IsCompleted)
        {
            if (_sockets.FindAddress(endpoint.Port) is { } address)
            {
                _endpoint = new IPEndPoint(address, endpoint.Port);
                return true;
            }

            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            timer.Period = timer.Period * 2 < PollInterval ? timer.Period * 2 : PollInterval;
        }

        return false;
    }

    public IReadOnlyList<IPEndPoint> ListListening() => [.. _sockets.Read().Select(static socket => new IPEndPoint(socket.Address, socket.Port)).Distinct()];

    public void SignalAll(ProcessSignal signal)
    {
        _askedToEnd |= signal != ProcessSignal.Kill;
        _process.SignalAll(signal);
    }

    public ValueTask KillTreeAsync(CancellationToken cancellationToken = default) => _process.KillTreeAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Task end;
        lock (_gate)
        {
            end = _end ??= EndAsync();
        }

        await end.ConfigureAwait(false);
    }

    private async Task LiveAsync()
    {
        var exit = await _process.Exited.ConfigureAwait(false);
        try
        {
            if (_askedToEnd)
            {
                await LeaveTimeToOthersAsync().ConfigureAwait(false);
            }

            await _process.KillTreeAsync().ConfigureAwait(false);
            await _pump.WaitAsync(LastOutputWait, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _stopPump.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            // Whatever the end of the others brought: this one has ended, and its last words are in the log.
            _exited.TrySetResult(exit);
        }
    }

    private async Task LeaveTimeToOthersAsync()
    {
        using var timer = new PeriodicTimer(PollInterval, _time);
        while (_process.ListProcesses().Count > 0)
        {
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _process.KillTreeAsync().ConfigureAwait(false);
            await _life.ConfigureAwait(false);
            await _pump.ConfigureAwait(false);
        }
        finally
        {
            await _process.DisposeAsync().ConfigureAwait(false);
            _stopPump.Dispose();
            await _remove().ConfigureAwait(false);
        }
    }
}
