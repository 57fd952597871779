using System.Net;

namespace PaaS.Runtime;

/// <summary>Where one start of a dyno is in its life. The order is the way it goes; some steps may be left out.</summary>
internal enum RunPhase
{
    /// <summary>The engine has been asked to start it.</summary>
    Launching,

    /// <summary>It is no longer wanted, but the engine has not answered yet.</summary>
    LaunchCancelled,

    /// <summary>It runs, and does not listen yet. Web dynos only.</summary>
    Starting,

    /// <summary>It runs and is ready.</summary>
    Up,

    /// <summary>It has left the route table and finishes the requests it has.</summary>
    Draining,

    /// <summary>It has got SIGTERM.</summary>
    Stopping,

    /// <summary>It has got SIGKILL.</summary>
    Killing,

    /// <summary>Its command has ended; its last requests have not.</summary>
    Exited,

    /// <summary>The engine removes what is left of it.</summary>
    Disposing,
}

/// <summary>One start of a dyno, from the order to launch it until nothing of it is left.</summary>
internal sealed record DynoRun
{
    /// <summary>Its number among all starts of this supervisor, from 1.</summary>
    public required long Number { get; init; }

    public required Guid Id { get; init; }

    public required DynoName Name { get; init; }

    public required RunningRelease Release { get; init; }

    public required string Command { get; init; }

    public required DynoSize Size { get; init; }

    public RunPhase Phase { get; init; } = RunPhase.Launching;

    /// <summary>Where it is to listen; web dynos only, from <see cref="RunPhase.Starting"/> on.</summary>
    public IPEndPoint? Address { get; init; }

    public required DateTimeOffset LaunchedAt { get; init; }

    public DateTimeOffset? UpSince { get; init; }

    /// <summary>Whether its endpoint is retired and either drained or no longer waited for.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Why it never got ready, as far as that is known before it has ended.</summary>
    public string? Failure { get; init; }

    public bool Listens => Name.Type == ProcessType.Web;
}
