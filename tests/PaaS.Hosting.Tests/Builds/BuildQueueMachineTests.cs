using static PaaS.Hosting.BuildQueueMachine;

namespace PaaS.Hosting.Tests;

public class BuildQueueMachineTests
{
    private static readonly Ticket One = new(Guid.NewGuid(), "one");
    private static readonly Ticket Two = new(Guid.NewGuid(), "two");
    private static readonly Ticket Three = new(Guid.NewGuid(), "three");

    [Fact]
    public void The_first_begins_the_second_waits_and_the_third_takes_its_place()
    {
        var (state, effects) = Play(new Message.Enter(One), new Message.Enter(Two), new Message.Enter(Three));

        Assert.Equal(new State(One, Three), state);
        Assert.Equal([new Effect.Begin(One.Id), new Effect.Queued(Two.Id), new Effect.Supersede(Two.Id, "three"), new Effect.Queued(Three.Id)], effects);
    }

    [Fact]
    public void The_end_of_the_one_that_runs_begins_the_one_that_waits()
    {
        var (state, effects) = Play(new Message.Enter(One), new Message.Enter(Two), new Message.Leave(One.Id));

        Assert.Equal(new State(Two, null), state);
        Assert.Equal(new Effect.Begin(Two.Id), effects[^1]);
        Assert.Equal(State.Idle, Step(state, new Message.Leave(Two.Id)).State);
    }

    [Fact]
    public void One_that_waits_may_go_and_one_that_is_gone_may_go_again()
    {
        var (state, _) = Play(new Message.Enter(One), new Message.Enter(Two), new Message.Leave(Two.Id));

        Assert.Equal(new State(One, null), state);
        Assert.Equal((state, 0), (Step(state, new Message.Leave(Two.Id)).State, Step(state, new Message.Leave(Two.Id)).Effects.Length));
        Assert.Empty(Step(State.Idle, new Message.Leave(One.Id)).Effects);
    }

    private static (State State, List<Effect> Effects) Play(params Message[] messages)
    {
        var (state, all) = (State.Idle, new List<Effect>());
        foreach (var message in messages)
        {
            (state, var effects) = Step(state, message);
            all.AddRange(effects);
        }

        return (state, all);
    }
}
