using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>A state and what is to be done.</summary>
internal readonly record struct OneOffStep(OneOffState State, ImmutableArray<OneOffEffect> Effects);

/// <summary>
/// The one-off dynos of one app, as a pure function. Each goes the way of <see cref="DynoLifecycle"/>; what is added is the client
/// of an attached one:
/// <code>
///   awaited --comes--> connected --goes, or silent for too long--> gone: SIGHUP, again and again (R16)
///      |                   |
///      | too late (R13)    | the dyno has ended: may read its last bytes, then nothing is left
///      v                   v
///   SIGTERM             removed
/// </code>
/// </summary>
internal static class OneOffMachine
{
    public static OneOffStep Step(OneOffState state, OneOffMessage message, DateTimeOffset now) => new OneOffTurn(state, now).Take(message);
}
