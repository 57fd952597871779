namespace PaaS.Hosting;

/// <summary>An append on its way to the writer. It can be cancelled until the writer begins it; after that it is finished.</summary>
internal sealed class PendingAppend(StreamName stream, long expected, JournalEvent[] events)
{
    private readonly TaskCompletionSource<AppendResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;
    private AppendResult _result;
    private Exception? _failure;

    public StreamName Stream { get; } = stream;

    public long Expected { get; } = expected;

    public JournalEvent[] Events { get; } = events;

    public Task<AppendResult> Outcome => _outcome.Task;

    /// <summary>Not an append: the events of the stream before this version are to be dropped.</summary>
    public long? DropBefore { get; init; }

    public bool TryBegin() => Interlocked.Exchange(ref _taken, 1) == 0;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (TryBegin())
        {
            _outcome.TrySetCanceled(cancellationToken);
        }
    }

    public void Decide(AppendResult result) => _result = result;

    public void Fail(Exception failure) => _failure = failure;

    /// <summary>Tells the caller. Apart from deciding, because the events must be on the disk and subscribers woken first.</summary>
    public void Complete()
    {
        if (_failure is null)
        {
            _outcome.TrySetResult(_result);
        }
        else
        {
            _outcome.TrySetException(_failure);
        }
    }
}
