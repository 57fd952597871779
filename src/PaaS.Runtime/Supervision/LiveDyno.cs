namespace PaaS.Runtime;

/// <summary>What the shell holds of one start: the engine's handle, the endpoint, and its last lines.</summary>
internal sealed class LiveDyno(DynoRun run, LogStream lastLines) : IDisposable
{
    private readonly CancellationTokenSource _cancelStart = new();
    private volatile IDyno? _dyno;
    private int _killing;

    public DynoRun Run { get; } = run;

    /// <summary>Its own last lines, and the platform's about it: not those of another dyno of its name.</summary>
    public LogStream LastLines { get; } = lastLines;

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

    /// <summary>Whether a kill may begin: none is under way.</summary>
    public bool TryBeginKill() => Interlocked.CompareExchange(ref _killing, 1, 0) == 0;

    public void EndKill() => Volatile.Write(ref _killing, 0);

    public void CancelStart() => _cancelStart.Cancel();

    public void Dispose() => _cancelStart.Dispose();
}
