namespace PaaS.Runtime;

/// <summary>What a dyno is there for; some of the rules of <see cref="DynoLifecycle"/> depend on it.</summary>
internal enum DynoKind
{
    /// <summary>Of the formation, and takes requests.</summary>
    Web,

    /// <summary>Of the formation, of any other process type. It never runs twice.</summary>
    Worker,

    /// <summary>A <c>run</c>, <c>release</c> or <c>scheduler</c> dyno: never started again.</summary>
    OneOff,
}

/// <summary>Where one start of a dyno is, from the order to start it until nothing of it is left.</summary>
internal enum DynoPhase
{
    /// <summary>The engine has been asked to start it.</summary>
    Launching,

    /// <summary>It is no longer wanted, but the engine has not answered yet.</summary>
    Cancelled,

    /// <summary>It runs, and is not ready yet. Web dynos only.</summary>
    Starting,

    /// <summary>It runs and is ready. A web dyno is not in the route table yet.</summary>
    Up,

    /// <summary>It is in the route table. Web dynos only.</summary>
    Serving,

    /// <summary>Its client has gone, it gets SIGHUP. Attached one-off dynos only.</summary>
    HungUp,

    /// <summary>It has left the route table and finishes the requests it has.</summary>
    Draining,

    /// <summary>It has got SIGTERM.</summary>
    Stopping,

    /// <summary>It has got SIGKILL, and requests may still hold its address.</summary>
    KillingInUse,

    /// <summary>It has got SIGKILL.</summary>
    Killing,

    /// <summary>Its command has ended, and requests may still hold its address: its port must not be given away before.</summary>
    EndedInUse,

    /// <summary>The engine removes what is left of it.</summary>
    Removing,

    /// <summary>Nothing of it is left.</summary>
    Gone,
}

/// <summary>What can happen to a dyno.</summary>
internal enum DynoHappening
{
    /// <summary>The engine has started it.</summary>
    Started,

    /// <summary>The engine could not start it, or gave up; nothing of it is left (R17, R99).</summary>
    StartFailed,

    /// <summary>The engine has not answered in time.</summary>
    LaunchTimeout,

    /// <summary>It listens on its port and has passed its health check, if there is one.</summary>
    Ready,

    /// <summary>It listens, but every attempt of its health check has failed.</summary>
    Unhealthy,

    /// <summary>It has not got ready in time (R10).</summary>
    BootTimeout,

    /// <summary>The route table has it now.</summary>
    Routed,

    /// <summary>It is no longer wanted: a restart, a release, a smaller formation, sleep, the end of the host.</summary>
    Unwanted,

    /// <summary>Its last request has ended, or was to be ended and had a moment for it.</summary>
    Drained,

    /// <summary>The time in which its requests could end by themselves is over.</summary>
    DrainTimeout,

    /// <summary>Its time to end after SIGTERM is over (R12).</summary>
    StopTimeout,

    /// <summary>It still runs a while after its SIGKILL: the engine could not kill it, or not all of it.</summary>
    KillTimeout,

    /// <summary>A sample of its memory was over its quota (R14).</summary>
    OverMemory,

    /// <summary>A sample of its memory was vastly over its quota (R15).</summary>
    VastlyOverMemory,

    /// <summary>Its command has ended.</summary>
    Ended,

    /// <summary>It was killed when its memory was vastly over its quota (R15).</summary>
    EndedForMemory,

    /// <summary>It was killed because it filled its disk.</summary>
    EndedForDisk,

    /// <summary>Its day is over, or a one-off's time to live.</summary>
    LifeOver,

    /// <summary>Nobody came to attach to it (R13).</summary>
    AttachTimeout,

    /// <summary>Its client has gone.</summary>
    ClientLost,

    /// <summary>It still runs a while after its SIGHUP (R16).</summary>
    HangUpTimeout,

    /// <summary>The engine has removed what was left of it.</summary>
    Removed,
}

/// <summary>What is to be done when something has happened to a dyno, in the order given.</summary>
internal enum DynoAction
{
    /// <summary>Tell the engine to give up the start.</summary>
    CancelStart,

    /// <summary>Tell those who rely on it that it has failed, although the engine may still be at it.</summary>
    GiveUp,

    /// <summary>Wait until it listens, then ask its health check.</summary>
    WatchReady,

    /// <summary>Its state is up: its place in the formation, a swap or a client may rely on it.</summary>
    Rise,

    /// <summary>It has failed or ended: a crash to the formation, unless it was no longer wanted; the completion of a one-off.</summary>
    End,

    /// <summary>Take it out of the route table, and its endpoint out of service.</summary>
    Retire,

    /// <summary>Have routers end the requests that it still has (H24).</summary>
    Expire,

    /// <summary>Ask for another one in its place, by the swap procedure.</summary>
    Cycle,

    /// <summary>SIGHUP to all its processes.</summary>
    HangUp,

    /// <summary>SIGTERM to all its processes.</summary>
    Terminate,

    /// <summary>SIGKILL to all its processes.</summary>
    Kill,

    /// <summary>Have the engine remove what is left.</summary>
    Remove,

    /// <summary>Forget it: nothing is left.</summary>
    Forget,

    /// <summary>Write why it could not be started.</summary>
    LogStartFailure,

    /// <summary>Write R10.</summary>
    LogBootTimeout,

    /// <summary>Write why its health check failed.</summary>
    LogUnhealthy,

    /// <summary>Write R12.</summary>
    LogExitTimeout,

    /// <summary>Write R13.</summary>
    LogAttachError,

    /// <summary>Write its memory and R14.</summary>
    LogOverMemory,

    /// <summary>Write its memory and R15.</summary>
    LogVastlyOverMemory,

    /// <summary>Write R16.</summary>
    LogDetached,

    /// <summary>Write that its disk was full.</summary>
    LogOverDisk,

    /// <summary>Write <c>Cycling</c>.</summary>
    LogCycling,

    /// <summary>Write <c>Stopping all processes with SIGTERM</c>.</summary>
    LogTerm,

    /// <summary>Write <c>Stopping process with SIGKILL</c>.</summary>
    LogKill,

    /// <summary>Write <c>Stopping remaining processes with SIGKILL</c>.</summary>
    LogKillRest,

    /// <summary>Write its exit status.</summary>
    LogExit,
}
