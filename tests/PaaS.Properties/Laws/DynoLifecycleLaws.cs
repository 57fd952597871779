using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;

namespace PaaS.Properties;

/// <summary>What holds of the life cycle whatever happens to a dyno, in whatever order: the table is walked, no supervisor is needed.</summary>
public class DynoLifecycleLaws
{
    /// <summary>Where Heroku kills at once: the process never got to work, or takes the machine from others.</summary>
    private static readonly DynoHappening[] KilledAtOnce = [DynoHappening.BootTimeout, DynoHappening.Unhealthy, DynoHappening.VastlyOverMemory];

    /// <summary>What the platform and the engine do by themselves once a dyno is no longer wanted, with a process that heeds nothing.</summary>
    private static readonly DynoHappening[] Inevitable =
        [DynoHappening.Unwanted, DynoHappening.Started, DynoHappening.Drained, DynoHappening.StopTimeout, DynoHappening.Ended, DynoHappening.Removed];

    private static readonly Gen<DynoKind> Kinds = Gen.Elements<DynoKind>(DynoLifecycle.Kinds);

    private static readonly Gen<DynoHappening[]> Happenings = Gen.Elements<DynoHappening>(DynoLifecycle.Happenings).ArrayOf().Resize(400);

    [Fact]
    public void Every_happening_is_answered_in_every_phase_and_one_that_means_nothing_changes_nothing()
    {
        foreach (var kind in DynoLifecycle.Kinds)
        {
            foreach (var phase in DynoLifecycle.Phases)
            {
                foreach (var happening in DynoLifecycle.Happenings)
                {
                    var step = DynoLifecycle.Step(kind, phase, happening);
                    Assert.True(step.IsMeaningful || (step.Next == phase && step.Actions.IsEmpty), $"{kind}, {phase}, {happening}");
                }
            }
        }
    }

    [Fact]
    public void Every_phase_of_every_kind_reaches_the_end_also_if_the_process_heeds_no_signal_but_the_last()
    {
        foreach (var kind in DynoLifecycle.Kinds)
        {
            foreach (var start in DynoLifecycle.PhasesOf(kind))
            {
                var phase = start;
                for (var round = 0; round < DynoLifecycle.Phases.Length && phase != DynoPhase.Gone; round++)
                {
                    phase = Inevitable.Aggregate(phase, (now, happening) => DynoLifecycle.Step(kind, now, happening).Next);
                }

                Assert.True(phase == DynoPhase.Gone, $"A {kind} dyno stays in {phase}, from {start}.");
            }
        }
    }

    [Fact]
    public void Every_kind_of_dyno_knows_its_phases_only()
    {
        Assert.Equal([.. DynoLifecycle.Phases.Except([DynoPhase.HungUp])], DynoLifecycle.PhasesOf(DynoKind.Web).ToArray());
        DynoPhase[] plain = [DynoPhase.Launching, DynoPhase.Cancelled, DynoPhase.Up, DynoPhase.Stopping, DynoPhase.Killing, DynoPhase.Removing, DynoPhase.Gone];
        Assert.Equal(plain, DynoLifecycle.PhasesOf(DynoKind.Worker).ToArray());
        Assert.Equal([.. plain.Append(DynoPhase.HungUp).Order()], DynoLifecycle.PhasesOf(DynoKind.OneOff).ToArray());
    }

    [Fact]
    public void TERM_comes_before_KILL_but_where_Heroku_kills_at_once_and_nothing_comes_after_KILL_but_itself() =>
        Law.Holds(Kinds, Happenings, (kind, happenings) =>
        {
            var signals = new List<DynoAction>();
            return Walk(kind, happenings).All(taken =>
            {
                var isLawful = taken.Action switch
                {
                    DynoAction.Terminate => !signals.Contains(DynoAction.Terminate) && !signals.Contains(DynoAction.Kill),
                    DynoAction.Kill when taken.Happening == DynoHappening.KillTimeout => signals.Contains(DynoAction.Kill),
                    DynoAction.Kill => !signals.Contains(DynoAction.Kill) && (signals.Contains(DynoAction.Terminate) || KilledAtOnce.Contains(taken.Happening)),
                    DynoAction.HangUp => !signals.Contains(DynoAction.Terminate) && !signals.Contains(DynoAction.Kill),
                    _ => true,
                };
                signals.Add(taken.Action);
                return isLawful;
            });
        });

    [Fact]
    public void Only_a_dyno_whose_processes_run_gets_a_signal() =>
        Law.Holds(Kinds, Happenings, (kind, happenings) => Walk(kind, happenings)
            .Where(taken => taken.Action is DynoAction.Terminate or DynoAction.Kill or DynoAction.HangUp)
            .All(taken => DynoLifecycle.IsLive(taken.Next) && (DynoLifecycle.IsLive(taken.From) || taken.Happening == DynoHappening.Started)));

    [Fact]
    public void Each_life_ends_once_is_removed_once_and_is_forgotten_last() =>
        Law.Holds(Kinds, Happenings, (kind, happenings) =>
        {
            var actions = Walk(kind, happenings).Select(taken => taken.Action).ToList();
            var ends = actions.Count(action => action == DynoAction.End);
            return ends <= 1
                && actions.Count(action => action == DynoAction.Remove) <= ends
                && (!actions.Contains(DynoAction.Remove) || actions.IndexOf(DynoAction.End) < actions.IndexOf(DynoAction.Remove))
                && (!actions.Contains(DynoAction.Forget) || (ends == 1 && actions.IndexOf(DynoAction.Forget) == actions.Count - 1));
        });

    [Fact]
    public void What_the_engine_hangs_in_is_told_once_and_never_rises() =>
        Law.Holds(Kinds, Happenings, (kind, happenings) =>
        {
            var actions = Walk(kind, happenings).Select(taken => taken.Action).ToList();
            var givenUp = actions.IndexOf(DynoAction.GiveUp);
            return givenUp < 0 || (actions.LastIndexOf(DynoAction.GiveUp) == givenUp && !actions.Contains(DynoAction.Rise) && actions[givenUp + 1] == DynoAction.CancelStart);
        });

    [Fact]
    public void Every_phase_in_which_somebody_waits_for_the_engine_or_the_process_has_its_limit_and_the_limit_means_something()
    {
        DynoPhase[] limited = [DynoPhase.Launching, DynoPhase.Starting, DynoPhase.Stopping, DynoPhase.Killing];
        Assert.All(limited, phase => Assert.True(DynoLifecycle.TimerOf(phase) is { } timer && DynoLifecycle.Kinds.All(kind => DynoLifecycle.Step(kind, phase, timer).IsMeaningful)));
    }

    [Fact]
    public void What_has_served_leaves_the_route_table_once_before_it_is_signalled_or_removed() =>
        Law.Holds(Happenings, happenings =>
        {
            var (served, retired, lawful) = (false, 0, true);
            foreach (var taken in Walk(DynoKind.Web, happenings))
            {
                served |= taken.From == DynoPhase.Serving;
                retired += taken.Action == DynoAction.Retire ? 1 : 0;
                lawful &= retired == (served && taken.Next != DynoPhase.Serving ? 1 : 0);
            }

            return lawful;
        });

    [Fact]
    public void Every_state_that_people_see_is_answered_and_reaches_an_end()
    {
        foreach (var kind in DynoLifecycle.Kinds)
        {
            foreach (var state in DynoStates.All)
            {
                Assert.All(DynoStates.Turns, turn => Assert.Contains(DynoStates.Next(kind, state, turn), DynoStates.All));
                Assert.Contains(DynoStates.Next(kind, state, DynoTurn.Stop), (DynoState[])[DynoState.Down, DynoState.Complete]);
            }
        }

        Assert.All(DynoStates.Turns, turn => Assert.Equal(DynoState.Complete, DynoStates.Next(DynoKind.OneOff, DynoState.Complete, turn)));
    }

    private static IEnumerable<(DynoPhase From, DynoHappening Happening, DynoPhase Next, DynoAction Action)> Walk(DynoKind kind, DynoHappening[] happenings)
    {
        var phase = DynoPhase.Launching;
        foreach (var happening in happenings)
        {
            var step = DynoLifecycle.Step(kind, phase, happening);
            foreach (var action in step.Actions)
            {
                yield return (phase, happening, step.Next, action);
            }

            phase = step.Next;
        }
    }
}
