using System.Collections.Immutable;

namespace PaaS.Testing;

/// <summary>How a fake dyno behaves. The default gets ready at once and ends with status 143 at its SIGTERM.</summary>
public sealed record DynoScript
{
    /// <summary>Gets ready at once, runs until it is stopped.</summary>
    public static DynoScript Ready { get; } = new();

    /// <summary>Runs, and never listens on its port.</summary>
    public static DynoScript NeverReady { get; } = new() { GetsReady = false };

    /// <summary>Gets ready, and does not heed SIGTERM.</summary>
    public static DynoScript IgnoresTerm { get; } = new() { HeedsTerm = false };

    /// <summary>Why the engine cannot start it; <see langword="null"/> if it can.</summary>
    public string? StartFailure { get; init; }

    /// <summary>Whether it gets ready by itself; otherwise by <see cref="FakeDyno.BecomeReady"/>.</summary>
    public bool GetsReady { get; init; } = true;

    /// <summary>The status it ends with by itself: after it is ready if <see cref="GetsReady"/>, else at once.</summary>
    public int? ExitStatus { get; init; }

    /// <summary>Whether it ends at its SIGTERM.</summary>
    public bool HeedsTerm { get; init; } = true;

    /// <summary>Whether it ends at SIGHUP, which an attached dyno gets when its client has gone.</summary>
    public bool HeedsHangUp { get; init; } = true;

    /// <summary>The status it answers to its health check.</summary>
    public int HealthStatus { get; init; } = 200;

    /// <summary>Ports other than its own on which it listens.</summary>
    public ImmutableArray<int> OtherPorts { get; init; } = [];

    /// <summary>The lines it writes when it has started.</summary>
    public ImmutableArray<string> Output { get; init; } = [];

    /// <summary>The engine refuses to start it.</summary>
    /// <param name="reason">Why.</param>
    public static DynoScript FailsToStart(string reason) => new() { StartFailure = reason };

    /// <summary>Ends before it is ready.</summary>
    /// <param name="status">The status.</param>
    public static DynoScript ExitsBeforeReady(int status) => new() { GetsReady = false, ExitStatus = status };

    /// <summary>Gets ready and ends at once.</summary>
    /// <param name="status">The status.</param>
    public static DynoScript ExitsAfterReady(int status) => new() { ExitStatus = status };
}
