using System.Collections.Immutable;
using System.Net;

namespace PaaS.Runtime;

/// <summary>What a <see cref="SupervisorMachine"/> is told: the wishes of the caller, and what became of its effects.</summary>
internal abstract record SupervisorMessage
{
    private SupervisorMessage()
    {
    }

    public sealed record Deploy(long Operation, RunningRelease Release, Formation Formation) : SupervisorMessage;

    public sealed record Resume(long Operation, RunningRelease? Release, Formation Formation) : SupervisorMessage;

    public sealed record Scale(Formation Formation) : SupervisorMessage;

    public sealed record Restart(long Operation, DynoSelector Selector) : SupervisorMessage;

    public sealed record Stop(long Operation, DynoSelector Selector) : SupervisorMessage;

    public sealed record Shutdown(TimeSpan? StopGrace) : SupervisorMessage;

    /// <summary>The app has other names; of no interest to the machine, but in order with the rest.</summary>
    public sealed record Rename(AppName Name, ImmutableArray<string> Hosts) : SupervisorMessage;

    /// <summary>Routers treat the app differently from now on; of no interest to the machine either.</summary>
    public sealed record Reroute(bool Maintenance, RouteSettings Settings) : SupervisorMessage;

    public sealed record Started(long Run, IPEndPoint? Address) : SupervisorMessage;

    public sealed record StartFailed(long Run, string Reason) : SupervisorMessage;

    public sealed record Ready(long Run) : SupervisorMessage;

    /// <summary>It listens, and every attempt of its health check has failed.</summary>
    public sealed record Unhealthy(long Run, string Reason) : SupervisorMessage;

    public sealed record Exited(long Run, ProcessExit Exit, ImmutableArray<IPEndPoint> Listening) : SupervisorMessage;

    /// <summary>A sample that is over the quota, or by which the kernel has killed.</summary>
    /// <param name="Run">Which start.</param>
    /// <param name="MemoryBytes">Memory and swap, without cache.</param>
    /// <param name="OutOfMemoryKills">How many of its processes have been killed for its memory limit so far.</param>
    public sealed record Measured(long Run, long MemoryBytes, int OutOfMemoryKills) : SupervisorMessage;

    /// <summary>Whether the web dynos have had a request since this was told last.</summary>
    public sealed record UseRead(bool IsUsed) : SupervisorMessage;

    public sealed record FallAsleep(bool CanWake) : SupervisorMessage;

    public sealed record Wake : SupervisorMessage;

    public sealed record Drained(long Run) : SupervisorMessage;

    /// <summary>Nothing of the dyno is left.</summary>
    public sealed record Gone(long Run) : SupervisorMessage;

    /// <param name="Timer">Which.</param>
    /// <param name="Listening">Where the dyno listens; for the boot time-out only.</param>
    public sealed record TimerFired(TimerId Timer, ImmutableArray<IPEndPoint> Listening) : SupervisorMessage;
}

/// <summary>What a timer is for.</summary>
internal enum TimerKind
{
    /// <summary>The engine's time for a start.</summary>
    Launch,

    Boot,
    Drain,

    /// <summary>Until the routers must have ended what was still open.</summary>
    Expiry,

    StopGrace,

    /// <summary>Until SIGKILL is repeated.</summary>
    Kill,

    Backoff,
    Refresh,

    /// <summary>A start's day.</summary>
    Life,
}

/// <summary>A timer: its purpose, and the start it belongs to or, for a back-off and a refresh, a number of its own.</summary>
internal readonly record struct TimerId(TimerKind Kind, long Number);
