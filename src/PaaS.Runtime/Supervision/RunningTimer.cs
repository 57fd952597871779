namespace PaaS.Runtime;

/// <summary>A timer that fires once, and knows whether it has.</summary>
internal sealed class RunningTimer : IDisposable, IAsyncDisposable
{
    private readonly ITimer _timer;
    private volatile bool _hasFired;

    /// <summary>Begins.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="due">When it fires.</param>
    /// <param name="fire">Called then, on a thread of the clock's.</param>
    public RunningTimer(TimeProvider time, TimeSpan due, Action fire) => _timer = time.CreateTimer(
        _ =>
        {
            _hasFired = true;
            fire();
        },
        null,
        due,
        Timeout.InfiniteTimeSpan);

    public bool HasFired => _hasFired;

    public void Dispose() => _timer.Dispose();

    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
