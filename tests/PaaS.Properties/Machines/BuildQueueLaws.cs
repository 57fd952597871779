using FsCheck;
using FsCheck.Fluent;
using PaaS.Hosting;
using static PaaS.Hosting.BuildQueueMachine;

namespace PaaS.Properties;

/// <summary>One app's build queue under any order of those who come, those who are done and those who give up.</summary>
public class BuildQueueLaws
{
    /// <summary>0 enters; anything else makes one of those who are in it leave, or one who is not.</summary>
    private static readonly Gen<int[]> Schedules = Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, 1000))).ArrayOf().Resize(120);

    [Fact]
    public void Never_two_build_at_once_and_a_build_begins_as_soon_as_none_does() =>
        Law.Holds(Schedules, schedule => Play(schedule).IsSound);

    [Fact]
    public void Whoever_enters_begins_is_superseded_by_a_later_one_or_leaves_and_only_one_of_them() =>
        Law.Holds(Schedules, schedule =>
        {
            var game = Play(schedule);
            game.LeaveAll();
            return game.State == State.Idle && game.IsSound && game.EachHasOneEnd;
        });

    [Fact]
    public void The_newest_that_entered_and_did_not_leave_is_never_superseded() =>
        Law.Holds(Schedules, schedule =>
        {
            var game = Play(schedule);
            return game.Newest is not { } newest || game.State.Running == newest || game.State.Waiting == newest;
        });

    private static Game Play(int[] schedule)
    {
        var game = new Game();
        foreach (var choice in schedule)
        {
            game.Take(choice);
        }

        return game;
    }

    private sealed class Game
    {
        private readonly List<Ticket> _entered = [];
        private readonly HashSet<Guid> _began = [];
        private readonly HashSet<Guid> _left = [];
        private readonly Dictionary<Guid, string> _superseded = [];
        private readonly HashSet<Guid> _building = [];

        public State State { get; private set; } = State.Idle;

        public bool IsSound { get; private set; } = true;

        public Ticket? Newest => _entered is [.., var last] && !_left.Contains(last.Id) ? last : null;

        public bool EachHasOneEnd => _entered.Index().All(one =>
        {
            var began = _began.Contains(one.Item.Id);
            var superseded = _superseded.TryGetValue(one.Item.Id, out var by);
            var left = _left.Contains(one.Item.Id);
            return (began, superseded, left) switch
            {
                (true, false, true) => true,
                (false, true, _) => _entered.FindIndex(other => other.Name == by) > one.Index,
                (false, false, true) => true,
                _ => false,
            };
        });

        public void Take(int choice)
        {
            if (choice > 0 && _entered.Count > 0)
            {
                Leave(_entered[choice % _entered.Count].Id);
                return;
            }

            var ticket = new Ticket(Guid.NewGuid(), $"commit {_entered.Count}");
            _entered.Add(ticket);
            Post(new Message.Enter(ticket));
        }

        public void LeaveAll() => _entered.ForEach(ticket => Leave(ticket.Id));

        private void Leave(Guid id)
        {
            _left.Add(id);
            _building.Remove(id);
            Post(new Message.Leave(id));
        }

        private void Post(Message message)
        {
            (State, var effects) = Step(State, message);
            foreach (var effect in effects)
            {
                IsSound &= effect switch
                {
                    Effect.Begin begin => _began.Add(begin.Id) && _building.Add(begin.Id) && !_superseded.ContainsKey(begin.Id) && !_left.Contains(begin.Id),
                    Effect.Supersede superseded => _superseded.TryAdd(superseded.Id, superseded.By) && !_began.Contains(superseded.Id) && !_left.Contains(superseded.Id),
                    Effect.Queued queued => State.Waiting?.Id == queued.Id,
                    _ => false,
                };
            }

            IsSound &= _building.Count <= 1 && (State.Running is null) == (_building.Count == 0) && (State.Running is not null || State.Waiting is null);
        }
    }
}
