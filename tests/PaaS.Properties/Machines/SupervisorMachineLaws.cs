using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;
using PaaS.Runtime.Tests;

namespace PaaS.Properties;

/// <summary>
/// The supervisor under every order of events that chance finds: deploys, scalings, restarts, stops, cycling, sleep and waking fall
/// between starts that fail, crashes, time-outs, kills for memory, and messages that come too late. <see cref="SupervisorWorld"/> checks
/// each step: never fewer ready web dynos than before, never two of a dyno that takes no requests, no signal for what does not run,
/// SIGTERM before SIGKILL and nothing after it but another SIGKILL in time, no port given away under a request, never more than a tenth
/// cycled at once, no timer that outlives what it is for, no deploy behind a restart. Engines hang in starts and lose signals.
/// </summary>
public class SupervisorMachineLaws
{
    private const int FullSchedules = 10_000;
    private static readonly Gen<int[]> Schedules = Gen.Choose(0, int.MaxValue).ArrayOf().Resize(250);

    [Fact]
    public void Whatever_fails_no_step_breaks_a_law_and_when_failures_end_the_formation_is_reached() =>
        Law.HoldsInFull(FullSchedules, Schedules, schedule =>
        {
            var play = new SupervisorPlay();
            foreach (var choice in schedule)
            {
                play.Take(choice);
            }

            play.Heal();
            Assert.True(play.HasReachedItsFormation, play.Describe());
            return true;
        });

    [Fact]
    public void A_shutdown_at_any_moment_ends_with_nothing_left_and_every_question_answered() =>
        Law.HoldsInFull(FullSchedules, Schedules, schedule =>
        {
            var play = new SupervisorPlay();
            foreach (var choice in schedule)
            {
                play.Take(choice);
            }

            play.World.ShutDown();
            play.Heal();
            return play.World is { IsShutDown: true, State: { Dynos.IsEmpty: true, Runs.IsEmpty: true } } && play.World.Asked.All(play.World.Verdicts.ContainsKey);
        });

    [Fact]
    public void The_same_schedule_gives_the_same_run() =>
        Law.HoldsInFull(FullSchedules, Schedules, schedule =>
        {
            var (one, two) = (new SupervisorPlay(), new SupervisorPlay());
            foreach (var choice in schedule)
            {
                one.Take(choice);
                two.Take(choice);
            }

            return one.World.Lines.SequenceEqual(two.World.Lines)
                && one.World.Dynos.Values.Select(dyno => dyno.Run.Id).SequenceEqual(two.World.Dynos.Values.Select(dyno => dyno.Run.Id));
        });
}
