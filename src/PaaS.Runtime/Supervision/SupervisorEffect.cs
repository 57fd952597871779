using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>What a <see cref="SupervisorMachine"/> wants done. The shell carries them out in order and without waiting.</summary>
internal abstract record SupervisorEffect
{
    private SupervisorEffect()
    {
    }

    /// <summary>Answered by Started or StartFailed, and after Started by Exited.</summary>
    public sealed record StartDyno(DynoRun Dyno) : SupervisorEffect;

    /// <summary>Give up a start; answered as the start is.</summary>
    public sealed record CancelStart(long Run) : SupervisorEffect;

    /// <summary>Answered by Ready or Unhealthy, or not at all.</summary>
    public sealed record WatchReady(long Run) : SupervisorEffect;

    /// <summary>Replace the app's route. The starts are those whose endpoints take requests.</summary>
    public sealed record PublishRoute(RouteView Route) : SupervisorEffect;

    /// <summary>Retire the endpoint of a start that is no longer in the route; answered by Drained.</summary>
    public sealed record Retire(long Run) : SupervisorEffect;

    /// <summary>Have routers end the requests of a retired start that are still open. Those that end are answered by Drained, as before.</summary>
    public sealed record Expire(long Run) : SupervisorEffect;

    public sealed record SignalTerm(long Run) : SupervisorEffect;

    public sealed record KillTree(long Run) : SupervisorEffect;

    /// <summary>Remove what is left; answered by Gone.</summary>
    public sealed record DisposeDyno(long Run) : SupervisorEffect;

    public sealed record SetTimer(TimerId Timer, TimeSpan Due) : SupervisorEffect;

    public sealed record CancelTimer(TimerId Timer) : SupervisorEffect;

    /// <param name="Process">The dyno that a line of the platform's is about.</param>
    /// <param name="Text">The line.</param>
    /// <param name="Run">The start it is about; none if it is about the place alone.</param>
    public sealed record WriteLog(DynoName Process, string Text, long? Run) : SupervisorEffect;

    /// <param name="Operation">Whose verdict it is.</param>
    /// <param name="Status">The verdict.</param>
    /// <param name="Reason">Why it failed.</param>
    /// <param name="Failed">The dyno that failed.</param>
    public sealed record CompleteSwap(long Operation, SwapStatus Status, string? Reason = null, DynoRun? Failed = null) : SupervisorEffect;

    public sealed record CompleteShutdown : SupervisorEffect;
}

/// <summary>What routers are to know: the state of the web dynos, and the starts that take requests.</summary>
internal sealed record RouteView(WebState Web, ImmutableArray<long> Runs)
{
    public bool Equals(RouteView? other) => other is not null && Web == other.Web && Runs.AsSpan().SequenceEqual(other.Runs.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Web, Runs.Length);
}
