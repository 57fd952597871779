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

    /// <summary>Where routers find it; none before it is ready.</summary>
    public DynoEndpoint? Endpoint { get; private set; }

    /// <summary>Completes when nothing of it is left.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Attach(IDyno dyno) => _dyno = dyno;

    /// <summary>Takes the address that the engine gives now: only when it listens is it certain on which one.</summary>
    public void OpenEndpoint() => Endpoint = new DynoEndpoint(Run.Name, Dyno!.Endpoint!);

    public void CancelStart() => _cancelStart.Cancel();

    public void Dispose() => _cancelStart.Dispose();
}
