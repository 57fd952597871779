using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>A state and what is to be done.</summary>
internal readonly record struct SupervisorStep(SupervisorState State, ImmutableArray<SupervisorEffect> Effects);

/// <summary>
/// The dyno supervisor of one app, as a pure function. A swap goes so:
/// <code>
///   new web dynos started -> all ready --+--> in the route table; the old ones out of it, in the same step
///        |                               |       -> drain -> SIGTERM -> grace -> SIGKILL -> gone
///        | one fails                     +--> every other type: SIGTERM -> grace -> SIGKILL -> gone -> new one started
///        v
///   new ones stopped, old ones untouched
/// </code>
/// </summary>
internal static class SupervisorMachine
{
    public static SupervisorStep Step(SupervisorState state, SupervisorMessage message, DateTimeOffset now) => new SupervisorTurn(state, now).Take(message);
}
