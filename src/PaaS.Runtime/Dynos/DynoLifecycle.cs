using System.Collections.Frozen;
using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>What comes of a happening.</summary>
/// <param name="Next">The phase it leads to.</param>
/// <param name="Actions">What to do, in order, once the phase has changed.</param>
/// <param name="IsMeaningful">Whether the happening means anything in this phase; if not, nothing changes.</param>
internal sealed record DynoStep(DynoPhase Next, ImmutableArray<DynoAction> Actions, bool IsMeaningful);

/// <summary>
/// The life of one start of a dyno as a table: kind, phase and happening give the next phase and what to do. It holds
/// no state and knows no clock. Whoever runs dynos keeps a <see cref="DynoPhase"/>, turns what it hears into
/// <see cref="DynoHappening"/>s, asks <see cref="Step"/>, stores <see cref="DynoStep.Next"/> and carries out
/// <see cref="DynoStep.Actions"/> one by one.
/// </summary>
/// <remarks>
/// <para>
/// Timers belong to phases: on entering a phase set the one that <see cref="TimerOf"/> names, on leaving it cancel it;
/// when it fires, that is the happening, and if the phase stays the same it is set again. The first phase's is set at the launch. A second timer, for
/// <see cref="DynoHappening.LifeOver"/>, runs while <see cref="IsUp"/> holds. The time for requests to end by themselves runs from
/// <see cref="DynoAction.Retire"/> and is <see cref="DynoHappening.DrainTimeout"/>. Routers then have a moment to end what is left, which is over with
/// <see cref="DynoHappening.Drained"/>, as the end of the last request is. A dyno that dies does not cut this short: what it has sent may still be on its
/// way to a slow client, and what it owes ends by itself, since its connections are closed.
/// </para>
/// <para>
/// Without the supervisor, for a one-off dyno: begin in <see cref="DynoPhase.Launching"/> with <see cref="DynoKind.OneOff"/>;
/// the engine's answer is <c>Started</c> or <c>StartFailed</c>; <c>IDyno.Exited</c> is <see cref="EndOf"/> of its reason;
/// the client is <c>AttachTimeout</c> and <c>ClientLost</c>; a stop is <c>Unwanted</c>. It never meets the phases of web
/// dynos, so <c>WatchReady</c>, <c>Retire</c> and <c>Cycle</c> never come; <c>Rise</c> writes the change to up, <c>End</c>
/// the change to complete (crashed after <c>StartFailed</c>: see <see cref="DynoStates"/>), and <c>Forget</c> is the end of all.
/// <c>GiveUp</c> is what <c>End</c> is, before its time: the engine hangs in the start, and whoever waits is told. What comes of
/// the start in the end is carried out all the same.
/// </para>
/// </remarks>
internal static class DynoLifecycle
{
    private static readonly FrozenDictionary<(DynoKind Kind, DynoPhase Phase, DynoHappening Happening), DynoStep> Table = Read();

    public static ImmutableArray<DynoKind> Kinds { get; } = [.. Enum.GetValues<DynoKind>()];

    public static ImmutableArray<DynoPhase> Phases { get; } = [.. Enum.GetValues<DynoPhase>()];

    public static ImmutableArray<DynoHappening> Happenings { get; } = [.. Enum.GetValues<DynoHappening>()];

    /// <summary>What comes of a happening. Every happening is answered in every phase.</summary>
    public static DynoStep Step(DynoKind kind, DynoPhase phase, DynoHappening happening) => Table[(kind, phase, happening)];

    /// <summary>What happens when a dyno has stayed in a phase for too long; <see langword="null"/> if it may stay.</summary>
    public static DynoHappening? TimerOf(DynoPhase phase) => phase switch
    {
        DynoPhase.Launching => DynoHappening.LaunchTimeout,
        DynoPhase.Starting => DynoHappening.BootTimeout,
        DynoPhase.HungUp => DynoHappening.HangUpTimeout,
        DynoPhase.Stopping => DynoHappening.StopTimeout,
        DynoPhase.Killing => DynoHappening.KillTimeout,
        _ => null,
    };

    /// <summary>Whether it is ready and nothing has been done to end it.</summary>
    public static bool IsUp(DynoPhase phase) => phase is DynoPhase.Up or DynoPhase.Serving or DynoPhase.HungUp;

    /// <summary>Whether requests may hold its address although it is out of the route table: their time runs.</summary>
    public static bool IsInUse(DynoPhase phase) => phase is DynoPhase.Draining or DynoPhase.KillingInUse or DynoPhase.EndedInUse;

    /// <summary>Whether its processes run, so that they can be measured and signalled.</summary>
    public static bool IsLive(DynoPhase phase) => phase is >= DynoPhase.Starting and <= DynoPhase.Killing;

    /// <summary>The happening that the end of a process is.</summary>
    public static DynoHappening EndOf(ProcessExitReason reason) => reason switch
    {
        ProcessExitReason.OutOfMemory => DynoHappening.EndedForMemory,
        ProcessExitReason.OutOfDisk => DynoHappening.EndedForDisk,
        _ => DynoHappening.Ended,
    };

    /// <summary>The phases that a kind of dyno can get into.</summary>
    public static ImmutableSortedSet<DynoPhase> PhasesOf(DynoKind kind)
    {
        var reached = ImmutableSortedSet.Create(DynoPhase.Launching);
        while (true)
        {
            var more = reached.Union(from phase in reached from happening in Happenings select Step(kind, phase, happening).Next);
            if (more.Count == reached.Count)
            {
                return reached;
            }

            reached = more;
        }
    }

    private static FrozenDictionary<(DynoKind, DynoPhase, DynoHappening), DynoStep> Read()
    {
        var table = new Dictionary<(DynoKind, DynoPhase, DynoHappening), DynoStep>();
        foreach (var (phase, rules, meaningless) in DynoRules.Rows)
        {
            foreach (var happening in meaningless)
            {
                foreach (var kind in Enum.GetValues<DynoKind>())
                {
                    table.Add((kind, phase, happening), new(phase, [], IsMeaningful: false));
                }
            }

            foreach (var rule in rules)
            {
                foreach (var kind in rule.Kinds)
                {
                    table.Add((kind, phase, rule.Happening), new(rule.Next, rule.Actions, rule.IsMeaningful));
                }
            }
        }

        return table.ToFrozenDictionary();
    }
}
