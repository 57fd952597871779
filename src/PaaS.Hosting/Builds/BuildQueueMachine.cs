using System.Collections.Immutable;

namespace PaaS.Hosting;

/// <summary>
/// One app's builds, as a machine: one runs, at most one waits, and a newer one takes the place of the one that waits.
/// </summary>
internal static class BuildQueueMachine
{
    internal sealed record State(Ticket? Running, Ticket? Waiting)
    {
        public static State Idle { get; } = new(null, null);
    }

    /// <summary>A wish to build.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="Name">What a superseded one is told it was superseded by: a commit.</param>
    internal sealed record Ticket(Guid Id, string Name);

    internal abstract record Message
    {
        internal sealed record Enter(Ticket Ticket) : Message;

        /// <summary>The build ended, or the one who waited went away.</summary>
        internal sealed record Leave(Guid Id) : Message;
    }

    internal abstract record Effect
    {
        internal sealed record Begin(Guid Id) : Effect;

        internal sealed record Queued(Guid Id) : Effect;

        internal sealed record Supersede(Guid Id, string By) : Effect;
    }

    public static (State State, ImmutableArray<Effect> Effects) Step(State state, Message message) => (state, message) switch
    {
        ({ Running: null }, Message.Enter enter) => (state with { Running = enter.Ticket }, [new Effect.Begin(enter.Ticket.Id)]),
        ({ Waiting: null }, Message.Enter enter) => (state with { Waiting = enter.Ticket }, [new Effect.Queued(enter.Ticket.Id)]),
        ({ Waiting: { } old }, Message.Enter enter) =>
            (state with { Waiting = enter.Ticket }, [new Effect.Supersede(old.Id, enter.Ticket.Name), new Effect.Queued(enter.Ticket.Id)]),
        ({ Running: { } running, Waiting: { } next }, Message.Leave leave) when leave.Id == running.Id => (new State(next, null), [new Effect.Begin(next.Id)]),
        ({ Running: { } running }, Message.Leave leave) when leave.Id == running.Id => (State.Idle, []),
        ({ Waiting: { } waiting }, Message.Leave leave) when leave.Id == waiting.Id => (state with { Waiting = null }, []),
        _ => (state, []),
    };
}
