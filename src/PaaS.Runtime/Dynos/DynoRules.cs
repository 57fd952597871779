using System.Collections.Immutable;
using static PaaS.Runtime.DynoAction;
using static PaaS.Runtime.DynoHappening;
using static PaaS.Runtime.DynoPhase;

namespace PaaS.Runtime;

/// <summary>The rules of <see cref="DynoLifecycle"/>. A row lists, after its rules, what means nothing in that phase: a late message, or one that cannot come.</summary>
internal static class DynoRules
{
    private static readonly ImmutableArray<DynoKind> All = [DynoKind.Web, DynoKind.Worker, DynoKind.OneOff];
    private static readonly ImmutableArray<DynoKind> Web = [DynoKind.Web];
    private static readonly ImmutableArray<DynoKind> Formation = [DynoKind.Web, DynoKind.Worker];
    private static readonly ImmutableArray<DynoKind> OneOff = [DynoKind.OneOff];
    private static readonly ImmutableArray<DynoKind> NotWeb = [DynoKind.Worker, DynoKind.OneOff];

    public static ImmutableArray<Row> Rows =>
    [
        new(
            Launching,
            [
                new(Web, Started, Starting, [WatchReady]),
                new(NotWeb, Started, Up, [Rise]),
                new(All, StartFailed, Gone, [LogStartFailure, End, Forget]),
                new(All, LaunchTimeout, Cancelled, [LogStartFailure, GiveUp, CancelStart]),
                new(All, Unwanted, Cancelled, [CancelStart]),
            ],
            [Ready, Unhealthy, BootTimeout, Routed, Drained, DrainTimeout, StopTimeout, OverMemory, VastlyOverMemory, Ended, EndedForMemory, EndedForDisk, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, KillTimeout]),
        new(
            Cancelled,
            [
                new(All, Started, Stopping, [LogTerm, Terminate]),
                new(All, StartFailed, Gone, [End, Forget]),
            ],
            [Ready, Unhealthy, BootTimeout, Routed, Unwanted, Drained, DrainTimeout, StopTimeout, OverMemory, VastlyOverMemory, Ended, EndedForMemory, EndedForDisk, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Starting,
            [
                new(All, Ready, Up, [Rise]),
                new(All, Unhealthy, Killing, [LogUnhealthy, LogKill, Kill]),
                new(All, BootTimeout, Killing, [LogBootTimeout, LogKill, Kill]),
                new(All, Unwanted, Stopping, [LogTerm, Terminate]),
                .. MemoryOf(Starting, Killing),
                .. EndsOf(Removing),
            ],
            [Started, StartFailed, Routed, Drained, DrainTimeout, StopTimeout, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Up,
            [
                new(Web, Routed, Serving, []),
                new(NotWeb, Routed, Up, [], IsMeaningful: false),
                new(All, Unwanted, Stopping, [LogTerm, Terminate]),
                .. MemoryOf(Up, Killing),
                .. EndsOf(Removing),
                new(Formation, LifeOver, Up, [Cycle]),
                new(OneOff, LifeOver, Stopping, [LogCycling, LogTerm, Terminate]),
                new(OneOff, AttachTimeout, Stopping, [LogAttachError, LogTerm, Terminate]),
                new(Formation, AttachTimeout, Up, [], IsMeaningful: false),
                new(OneOff, ClientLost, HungUp, [HangUp]),
                new(Formation, ClientLost, Up, [], IsMeaningful: false),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Drained, DrainTimeout, StopTimeout, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Serving,
            [
                new(All, Unwanted, Draining, [Retire]),
                .. MemoryOf(Serving, KillingInUse, Retire),
                .. EndsOf(EndedInUse, Retire),
                new(All, LifeOver, Serving, [Cycle]),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Drained, DrainTimeout, StopTimeout, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            HungUp,
            [
                new(All, Unwanted, Stopping, [LogTerm, Terminate]),
                .. MemoryOf(HungUp, Killing),
                .. EndsOf(Removing),
                new(All, LifeOver, Stopping, [LogCycling, LogTerm, Terminate]),
                new(All, HangUpTimeout, HungUp, [LogDetached, HangUp]),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Drained, DrainTimeout, StopTimeout, AttachTimeout, ClientLost, Removed, LaunchTimeout, KillTimeout]),
        new(
            Draining,
            [
                new(All, Drained, Stopping, [LogTerm, Terminate]),
                new(All, DrainTimeout, Draining, [Expire]),
                .. MemoryOf(Draining, KillingInUse),
                .. EndsOf(EndedInUse),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, StopTimeout, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Stopping,
            [
                new(All, StopTimeout, Killing, [LogExitTimeout, LogKillRest, Kill]),
                .. MemoryOf(Stopping, Killing),
                .. EndsOf(Removing),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, Drained, DrainTimeout, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            KillingInUse,
            [
                new(All, Drained, Killing, []),
                new(All, DrainTimeout, KillingInUse, [Expire]),
                .. KilledOf(EndedInUse),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, StopTimeout, OverMemory, VastlyOverMemory, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Killing,
            [
                new(All, KillTimeout, Killing, [Kill]),
                .. KilledOf(Removing),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, Drained, DrainTimeout, StopTimeout, OverMemory, VastlyOverMemory, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout]),
        new(
            EndedInUse,
            [
                new(All, Drained, Removing, [Remove]),
                new(All, DrainTimeout, EndedInUse, [Expire]),
            ],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, StopTimeout, OverMemory, VastlyOverMemory, Ended, EndedForMemory, EndedForDisk, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
        new(
            Removing,
            [new(All, Removed, Gone, [Forget])],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, Drained, DrainTimeout, StopTimeout, OverMemory, VastlyOverMemory, Ended, EndedForMemory, EndedForDisk, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, LaunchTimeout, KillTimeout]),
        new(
            Gone,
            [],
            [Started, StartFailed, Ready, Unhealthy, BootTimeout, Routed, Unwanted, Drained, DrainTimeout, StopTimeout, OverMemory, VastlyOverMemory, Ended, EndedForMemory, EndedForDisk, LifeOver, AttachTimeout, ClientLost, HangUpTimeout, Removed, LaunchTimeout, KillTimeout]),
    ];

    /// <summary>Memory over its quota is told at each sample; vastly over it, Heroku kills at once, without SIGTERM.</summary>
    private static ImmutableArray<Rule> MemoryOf(DynoPhase phase, DynoPhase killed, params ImmutableArray<DynoAction> first) =>
    [
        new(All, OverMemory, phase, [LogOverMemory]),
        new(All, VastlyOverMemory, killed, [.. first, LogVastlyOverMemory, LogKill, Kill]),
    ];

    private static ImmutableArray<Rule> EndsOf(DynoPhase next, params ImmutableArray<DynoAction> first)
    {
        ImmutableArray<DynoAction> last = next == Removing ? [LogExit, End, Remove] : [LogExit, End];
        return
        [
            new(All, Ended, next, [.. first, .. last]),
            new(All, EndedForMemory, next, [.. first, LogVastlyOverMemory, LogKill, .. last]),
            new(All, EndedForDisk, next, [.. first, LogOverDisk, LogKill, .. last]),
        ];
    }

    /// <summary>It was to end, and why has been said.</summary>
    private static ImmutableArray<Rule> KilledOf(DynoPhase next)
    {
        ImmutableArray<DynoAction> last = next == Removing ? [LogExit, End, Remove] : [LogExit, End];
        return [new(All, Ended, next, last), new(All, EndedForMemory, next, last), new(All, EndedForDisk, next, last)];
    }

    public sealed record Row(DynoPhase Phase, ImmutableArray<Rule> Rules, ImmutableArray<DynoHappening> Meaningless);

    public sealed record Rule(ImmutableArray<DynoKind> Kinds, DynoHappening Happening, DynoPhase Next, ImmutableArray<DynoAction> Actions, bool IsMeaningful = true);
}
