namespace PaaS.Hosting;

/// <summary>What a release command prints, while it runs.</summary>
/// <param name="time">The clock that stamps the lines.</param>
internal sealed class ReleaseOutput(TimeProvider time)
{
    /// <summary>Lines kept while it runs. A command that prints more loses its oldest lines.</summary>
    public const int MaxLines = 5000;

    private readonly TaskCompletionSource<bool> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The lines; they end with the command.</summary>
    public LogStream Lines { get; } = new(time, MaxLines);

    /// <summary>Completes when the command is about to start; with <see langword="false"/> if it never will.</summary>
    public Task<bool> Started => _started.Task;

    public bool HasStarted => Started is { IsCompletedSuccessfully: true, Result: true };

    public void Begin() => _started.TrySetResult(true);

    public void End()
    {
        _started.TrySetResult(false);
        Lines.Complete();
    }
}
