namespace PaaS.Runtime;

/// <summary>What the shell holds of one one-off dyno, and its caller's handle.</summary>
internal sealed class LiveOneOff : OneOffDyno, IDisposable
{
    /// <summary>How many of its last lines a result has.</summary>
    private const int LastLines = 50;

    private readonly TaskCompletionSource<OneOffResult> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancelStart = new();
    private readonly Action _attached;
    private int _place;
    private volatile IDyno? _dyno;
    private int _killing;

    public LiveOneOff(OneOffRun run, TimeProvider time, Action<OneOffMessage> post, Action<Task> track)
    {
        Run = run;
        Lines = new LogStream(time, LastLines);
        _attached = () => post(new OneOffMessage.Attached(run.Number));
        if (run.Client != OneOffClient.None)
        {
            Attachment = new OneOffAttachment(
                time,
                () => post(new OneOffMessage.Read(run.Number)),
                readingOn =>
                {
                    track(readingOn);
                    post(new OneOffMessage.ClientLost(run.Number));
                });
        }
    }

    public OneOffRun Run { get; }

    public override Guid Id => Run.Id;

    public override DynoName Name => Run.Name;

    public override Task<OneOffResult> Completed => _completed.Task;

    public OneOffAttachment? Attachment { get; }

    /// <summary>Its last lines, unless it is attached.</summary>
    public LogStream Lines { get; }

    public CancellationToken StartCancelled => _cancelStart.Token;

    /// <summary>The engine's handle; none while it starts.</summary>
    public IDyno? Dyno => _dyno;

    public override DynoAttachment Attach()
    {
        if (Attachment is null)
        {
            throw new InvalidOperationException($"{Name} takes no client: its output goes to the log. Start it with {nameof(DynoStreams.Pipes)} or {nameof(DynoStreams.Terminal)}.");
        }

        if (Interlocked.CompareExchange(ref _place, (int)Place.Taken, (int)Place.Free) is var place and not (int)Place.Free)
        {
            throw new InvalidOperationException(place == (int)Place.Taken
                ? $"{Name} has its client already, and takes one only."
                : $"{Name} takes no client any more: none came in time, or it has ended. Start another one.");
        }

        _attached();
        return Attachment;
    }

    /// <summary>From now on no client is taken.</summary>
    /// <returns>Whether there was none.</returns>
    public bool TryClose() => Interlocked.CompareExchange(ref _place, (int)Place.Closed, (int)Place.Free) == (int)Place.Free;

    /// <summary>It has started.</summary>
    /// <exception cref="InvalidOperationException">It is to be attached, and the engine gave nothing to attach to.</exception>
    public void Begin(IDyno dyno)
    {
        _dyno = dyno;
        Attachment?.Connect(dyno.Attachment ?? throw new InvalidOperationException($"The engine gave {Name} nothing to attach to."));
    }

    /// <summary>Whether a kill may begin: none is under way.</summary>
    public bool TryBeginKill() => Interlocked.CompareExchange(ref _killing, 1, 0) == 0;

    public void EndKill() => Volatile.Write(ref _killing, 0);

    public void CancelStart() => _cancelStart.Cancel();

    /// <summary>Tells whoever waits that it could not be started. What the engine makes of it later is nobody's.</summary>
    public void Fail(OneOffRun run)
    {
        TryClose();
        Attachment?.Connect(null);
        _completed.TrySetResult(new OneOffResult(run.Status!.Value, run.Reason, []));
    }

    public async Task CompleteAsync(OneOffRun run)
    {
        TryClose();
        Attachment?.Connect(null);
        var lines = new List<string>();
        await foreach (var line in Lines.TailAsync(new() { Lines = LastLines, Source = LogSource.App }).ConfigureAwait(false))
        {
            lines.Add(line.Message);
        }

        Lines.Complete();
        Dispose();
        _completed.TrySetResult(new OneOffResult(run.Status!.Value, run.Reason, [.. lines]));
    }

    public void Dispose() => _cancelStart.Dispose();

    private enum Place
    {
        Free,
        Taken,
        Closed,
    }
}
