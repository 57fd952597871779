using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;
using PaaS.Runtime.Tests;

namespace PaaS.Properties;

/// <summary>
/// One-off dynos under every order of events that chance finds: starts, ends, stops, clients that come, read, go or stay away,
/// time-outs, memory, and messages that come too late. <see cref="OneOffWorld"/> checks each step: SIGTERM before SIGKILL, SIGHUP
/// only when a client has gone, never two of a name, nothing started or removed twice.
/// </summary>
public class OneOffMachineLaws
{
    private static readonly Gen<int[]> Schedules = Gen.Choose(0, int.MaxValue).ArrayOf().Resize(200);

    [Fact]
    public void Every_one_off_ends_whatever_happens() =>
        Law.Holds(Schedules, schedule =>
        {
            var world = Play(schedule);
            Rest(world);
            return world.State.Runs.IsEmpty && world.Dynos.Values.All(dyno => dyno.IsGone);
        });

    [Fact]
    public void A_shutdown_at_any_moment_ends_with_nothing_left_within_its_grace() =>
        Law.Holds(Schedules, schedule =>
        {
            var world = Play(schedule);
            world.ShutDown();
            var grace = world.Now + TimeSpan.FromSeconds(31);

            // Nobody obeys but to SIGKILL, and no client reads.
            while (!world.IsShutDown && world.Now < grace)
            {
                foreach (var dyno in world.Dynos.Values)
                {
                    Obey(world, dyno);
                }

                if (world.HasTimers)
                {
                    world.FireNext();
                }
            }

            return world.IsShutDown;
        });

    [Fact]
    public void The_same_schedule_gives_the_same_names_and_lines() =>
        Law.Holds(Schedules, schedule =>
        {
            var (one, two) = (Play(schedule), Play(schedule));
            return one.Lines.SequenceEqual(two.Lines) && one.Dynos.Values.Select(dyno => (dyno.Run.Id, dyno.Run.Name)).SequenceEqual(two.Dynos.Values.Select(dyno => (dyno.Run.Id, dyno.Run.Name)));
        });

    private static OneOffWorld Play(int[] schedule)
    {
        var world = new OneOffWorld(new() { MaxRunning = 5 });
        foreach (var choice in schedule)
        {
            Take(world, choice % 100, choice / 100);
        }

        return world;
    }

    private static void Take(OneOffWorld world, int choice, int which)
    {
        switch (choice)
        {
            case < 14:
                world.TryStart((DynoStreams)(which % 3), (which % 5) switch { 0 => "release", 1 => "scheduler", _ => "run" }, which % 7 == 0 ? TimeSpan.FromSeconds(1 + (which % 900)) : null);
                break;
            case < 45:
                Pick([.. world.Benign()], which)?.Invoke();
                break;
            case < 58 when Pick([.. world.Dynos.Values.Where(dyno => dyno.MayAttach)], which) is { } free:
                world.Attach(free);
                break;
            case < 64 when Pick([.. world.Dynos.Values.Where(dyno => dyno.IsAttached)], which) is { } attached:
                world.Leave(attached);
                break;
            case < 68 when Pick([.. world.Dynos.Values.Where(dyno => dyno.IsAttached)], which) is { } reading:
                world.ReadToEnd(reading);
                break;
            case < 76 when Pick([.. world.Dynos.Values.Where(dyno => dyno.IsRunning)], which) is { } ending:
                world.Exit(ending, which % 3, (ProcessExitReason)(which % 3));
                break;
            case < 80 when Pick([.. world.Dynos.Values.Where(dyno => dyno.IsLaunching)], which) is { } refused:
                world.StartFailed(refused);
                break;
            case < 84 when Pick([.. world.Dynos.Values.Where(dyno => !dyno.IsGone)], which) is { } stopped:
                world.Stop(DynoSelector.One(stopped.Run.Name));
                break;
            case < 95 when world.HasTimers:
                world.FireNext((which % 4) switch { 0 => 600L << 20, 1 => 2000L << 20, 2 => null, _ => 1 }, which % 9 == 0 ? 1 : 0);
                break;
            case < 97:
                world.Advance(TimeSpan.FromSeconds(which % 7200));
                break;
            default:
                TellLate(world, which);
                break;
        }
    }

    /// <summary>What happened a moment before the machine decided otherwise.</summary>
    private static void TellLate(OneOffWorld world, int which)
    {
        if (which % 2 == 0 && Pick([.. world.CancelledTimers.Where(timer => timer.Kind != OneOffTimerKind.Attach).Cast<object>()], which / 2) is OneOffTimer timer)
        {
            world.Tell(new OneOffMessage.TimerFired(timer, world.Now - TimeSpan.FromHours(2)));
        }
        else if (Pick([.. world.Dynos.Values.Where(dyno => dyno.IsGone)], which) is { } gone)
        {
            world.Tell(new OneOffMessage.ClientLost(gone.Number));
            world.Tell(new OneOffMessage.Read(gone.Number));
        }
    }

    /// <summary>From now on nothing fails, and time goes on.</summary>
    private static void Rest(OneOffWorld world)
    {
        world.Settle();
        for (var limit = 0; world.HasTimers; limit++)
        {
            Assert.True(limit < 100_000, "The machine does not come to rest.");
            world.FireNext();
            world.Settle();
        }
    }

    private static void Obey(OneOffWorld world, WorldOneOff dyno)
    {
        if (dyno.IsLaunching)
        {
            world.Started(dyno);
        }
        else if (dyno is { IsRunning: true, Signal: ProcessSignal.Kill })
        {
            world.Exit(dyno, 137);
        }
        else if (dyno.MayGo)
        {
            world.Removed(dyno);
        }
    }

    private static T? Pick<T>(IReadOnlyList<T> from, int which) where T : class => from.Count == 0 ? null : from[which % from.Count];
}
