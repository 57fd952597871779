namespace PaaS.Hosting;

/// <summary>A build under way: its newest snapshot, what it prints, and the one who may still end it.</summary>
/// <param name="build">The build, on record already.</param>
/// <param name="records">Where it is on record.</param>
/// <param name="log">Keeps the output; null where it is not kept.</param>
/// <param name="time">The clock.</param>
internal sealed class BuildRecord(Build build, BuildRecords records, BuildLog? log, TimeProvider time) : IDisposable
{
    /// <summary>Lines of output that can be followed while it runs. A build that prints more loses its oldest lines here, not in the file.</summary>
    private const int OutputLines = 20_000;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelled = new();
    private readonly TaskCompletionSource<Build> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Build _build = build;
    private bool _isReleasing;

    public Build Build => Volatile.Read(ref _build);

    /// <summary>The output: a log of its own, which ends with the build.</summary>
    public LogStream Output { get; } = new(time, OutputLines);

    /// <summary>Completes when the build is at its end and on record with it.</summary>
    public Task<Build> Ended => _ended.Task;

    /// <summary>Cancelled when somebody has cancelled the build.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Who has cancelled it.</summary>
    public Actor? CancelledBy { get; private set; }

    public void Write(ReadOnlyMemory<byte> line)
    {
        log?.Write(line);
        Output.Write(LogSource.Heroku, "slug-compiler", line);
    }

    /// <summary>Cancels it. False if it is too late: it has ended, or its release is being made.</summary>
    public bool TryCancel(Actor by)
    {
        lock (_gate)
        {
            if (_isReleasing || Build.HasEnded)
            {
                return false;
            }

            CancelledBy ??= by;
        }

        try
        {
            _cancelled.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended just now, as cancelled if nothing else ended it: its end says which.
        }

        return true;
    }

    /// <summary>From now on it cannot be cancelled any more: its release is about to be made. False if it was cancelled before.</summary>
    public bool TryRelease()
    {
        lock (_gate)
        {
            return _isReleasing = CancelledBy is null;
        }
    }

    /// <summary>It has come further. On record soon.</summary>
    public void Update(Func<Build, Build> change)
    {
        Set(change);
        records.Append(Build);
    }

    /// <summary>It is at its end. When this returns, that and the output are durable, unless the disk fails; then they are shown as long as the host runs.</summary>
    public async Task EndAsync(BuildStatus status, string? failure)
    {
        log?.End();
        Set(build => build with { Status = status, Failure = failure });
        await records.EndAsync(this, log?.Failure);
        Output.Complete();
        _ended.TrySetResult(Build);
        Dispose();
    }

    public void Dispose() => _cancelled.Dispose();

    private void Set(Func<Build, Build> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _build, change(_build) with { UpdatedAt = time.GetUtcNow() });
        }
    }
}
