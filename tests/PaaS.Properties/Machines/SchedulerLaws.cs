using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;

namespace PaaS.Properties;

/// <summary>One app's scheduler under any order of ticks, changed jobs, ended runs, clocks that are set and hosts that are killed.</summary>
public class SchedulerLaws
{
    private static readonly Guid[] s_ids = [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];
    private static readonly CronSchedule[] s_schedules = [CronSchedule.Parse("* * * * *"), CronSchedule.Parse("*/10 * * * *"), CronSchedule.Parse("3,4,5 * * * *")];

    private enum Kind
    {
        Pass,
        SetBack,
        Leap,
        Replace,
        End,
        Restart,
    }

    private static readonly Gen<(Kind Kind, int Number)[]> s_schedule = (
        from kind in Gen.Frequency((8, Gen.Constant(Kind.Pass)), (1, Gen.Constant(Kind.SetBack)), (1, Gen.Constant(Kind.Leap)), (2, Gen.Constant(Kind.Replace)), (4, Gen.Constant(Kind.End)), (1, Gen.Constant(Kind.Restart)))
        from number in Gen.Choose(0, 1000)
        select (kind, number)).ArrayOf().Resize(200);

    [Fact]
    public void No_occurrence_runs_twice_and_of_one_job_no_two_runs_go_on_at_once() =>
        Law.Holds(s_schedule, steps => Play(steps).IsSound);

    [Fact]
    public void With_a_steady_clock_and_short_runs_every_occurrence_runs_at_its_minute() =>
        Law.Holds(Gen.Choose(0, s_schedules.Length - 1), Gen.Choose(1, 59), Gen.Choose(0, 3599), (which, step, offset) =>
        {
            var game = new Game();
            game.Pass(TimeSpan.FromSeconds(offset));
            var begin = game.Now;
            game.Post(new SchedulerMessage.Replace([new ScheduledJob(s_ids[0], s_schedules[which], "run")]));
            while (game.Now < begin.AddHours(3))
            {
                game.Pass(TimeSpan.FromSeconds(step));
                game.EndAll();
            }

            var expected = new List<DateTimeOffset>();
            for (var due = s_schedules[which].Next(begin); due <= game.Now; due = s_schedules[which].Next(due!.Value))
            {
                expected.Add(due!.Value);
            }

            return game.IsSound && game.Runs.Select(run => run.Due).SequenceEqual(expected);
        });

    [Fact]
    public void What_is_missed_is_not_made_up() =>
        Law.Holds(Gen.Choose(61, 10_000), seconds =>
        {
            var game = new Game();
            game.Post(new SchedulerMessage.Replace([new ScheduledJob(s_ids[0], s_schedules[1], "run")]));
            game.Pass(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(seconds));
            return game.Runs.Count == 0 && game.Skips.Count == 1 && game.State.WakeAt > game.Now;
        });

    private static Game Play((Kind Kind, int Number)[] steps)
    {
        var game = new Game();
        foreach (var (kind, number) in steps)
        {
            switch (kind)
            {
                case Kind.Pass:
                    game.Pass(TimeSpan.FromSeconds(number % 60));
                    break;
                case Kind.SetBack:
                    game.Pass(TimeSpan.FromSeconds(-number));
                    break;
                case Kind.Leap:
                    game.Pass(TimeSpan.FromMinutes(number));
                    break;
                case Kind.Replace:
                    game.Post(new SchedulerMessage.Replace([.. s_ids.Where((_, i) => ((number >> i) & 1) != 0).Select((id, i) => new ScheduledJob(id, s_schedules[(number + i) % s_schedules.Length], "run"))]));
                    break;
                case Kind.End:
                    game.End(number);
                    break;
                default:
                    game.Restart();
                    break;
            }
        }

        return game;
    }

    private sealed class Game
    {
        private readonly HashSet<(Guid, DateTimeOffset)> _all = [];
        private readonly List<Guid> _going = [];
        private ImmutableDictionary<Guid, DateTimeOffset> _recorded = ImmutableDictionary<Guid, DateTimeOffset>.Empty;
        private ImmutableArray<ScheduledJob> _jobs = [];

        public DateTimeOffset Now { get; private set; } = new(2026, 11, 21, 23, 0, 0, TimeSpan.Zero);

        public SchedulerState State { get; private set; } = SchedulerState.Empty;

        public bool IsSound { get; private set; } = true;

        public List<(Guid Job, DateTimeOffset Due)> Runs { get; } = [];

        public List<DateTimeOffset> Skips { get; } = [];

        public void Pass(TimeSpan by)
        {
            Now += by;
            Post(new SchedulerMessage.Tick());
        }

        public void End(int which)
        {
            if (_going.Count > 0)
            {
                var job = _going[which % _going.Count];
                _going.Remove(job);
                Post(new SchedulerMessage.Ended(job));
            }
        }

        public void EndAll()
        {
            while (_going.Count > 0)
            {
                End(0);
            }
        }

        /// <summary>The host is killed: of what the machine knew only what was recorded is left.</summary>
        public void Restart()
        {
            _going.Clear();
            State = SchedulerState.Empty with { Last = _recorded };
            Post(new SchedulerMessage.Replace(_jobs));
        }

        public void Post(SchedulerMessage message)
        {
            _jobs = message is SchedulerMessage.Replace replace ? replace.Jobs : _jobs;
            (State, var effects) = SchedulerMachine.Step(State, message, Now);
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case SchedulerEffect.Run run:
                        // Recorded before it starts: what a killed host leaves is at least this.
                        IsSound &= _all.Add((run.Job.Id, run.Due)) && !_going.Contains(run.Job.Id) && run.Due <= Now && Now - run.Due <= SchedulerMachine.Tolerance
                            && (!_recorded.TryGetValue(run.Job.Id, out var last) || run.Due > last);
                        _recorded = _recorded.SetItem(run.Job.Id, run.Due);
                        _going.Add(run.Job.Id);
                        Runs.Add((run.Job.Id, run.Due));
                        break;
                    case SchedulerEffect.Skip skip:
                        IsSound &= !_all.Contains((skip.Job.Id, skip.Due)) && (skip.Why == JobSkip.Missed) == (Now - skip.Due > SchedulerMachine.Tolerance);
                        Skips.Add(skip.Due);
                        break;
                    default:
                        IsSound = false;
                        break;
                }
            }

            IsSound &= message is not SchedulerMessage.Tick || State.WakeAt is null || State.WakeAt > Now;
        }
    }
}
