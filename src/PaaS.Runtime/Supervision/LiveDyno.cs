namespace PaaS.Runtime;

/// <summary>What the shell holds of one start: the engine's handle, the endpoint, and where its lines begin.</summary>
internal sealed class LiveDyno(DynoRun run, long firstLineAfter) : IDisposable
{
    private readonly CancellationTokenSource _cancelStart = new();
    private volatile IDyno? _dyno;

    public DynoRun Run { get; } = run;

    /// <summary>The number of the log's last line before the start.</summary>
    public long FirstLineAfter { get; } = firstLineAfter;

    public CancellationToken StartCancelled => _cancelStart.Token;

    /// <summary>The engine's handle; none while it starts.</summary>
    public IDyno? Dyno => _dyno;

    public DynoEndpoint? Endpoint { get; private set; }

    /// <summary>Completes when nothing of it is left.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Attach(IDyno dyno)
    {
        Endpoint = Run.Listens && dyno.Endpoint is { } address ? new DynoEndpoint(Run.Name, address) : null;
        _dyno = dyno;
    }

    public void CancelStart() => _cancelStart.Cancel();

    public void Dispose() => _cancelStart.Dispose();
}
