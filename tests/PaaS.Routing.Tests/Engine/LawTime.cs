namespace PaaS.Routing.Tests;

/// <summary>A clock that stands still until it is told to go on. Its ticks are of an odd length, so that nobody takes them for another clock's.</summary>
internal sealed class LawTime : TimeProvider
{
    public const long Second = 1_000_003;
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public long Now { get; set; } = 77 * Second;

    public override long TimestampFrequency => Second;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromSeconds((double)Now / Second);
}

/// <summary>Routes of one app; whoever waits for a change goes on within the change.</summary>
internal sealed class LawRoutes : IRouteTable
{
    private AppRoute _route = null!;
    private List<TaskCompletionSource> _waiting = [];

    public AppRoute Route
    {
        get => _route;
        set
        {
            _route = value;
            var waiting = _waiting;
            _waiting = [];
            waiting.ForEach(one => one.SetResult());
        }
    }

    /// <summary>Called when a wait is ended before the change.</summary>
    public Action? Cancelling { get; set; }

    public AppRoute? Find(string host) => _route.Hosts.Contains(host) ? _route : null;

    public ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(route, _route))
        {
            return ValueTask.CompletedTask;
        }

        if (Cancelling is { } cancelling)
        {
            cancellationToken.UnsafeRegister(static cancelling => ((Action)cancelling!)(), cancelling);
        }

        // One for each: of several that await one task, all but the last go on on another thread.
        var changed = new TaskCompletionSource();
        _waiting.Add(changed);
        return new ValueTask(changed.Task);
    }
}

/// <summary>The engine did what its contracts forbid.</summary>
internal sealed class LawBrokenException(string message) : Exception(message);
