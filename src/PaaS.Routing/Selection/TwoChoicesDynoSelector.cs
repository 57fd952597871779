namespace PaaS.Routing;

/// <summary>
/// Draws two different dynos and takes the one with fewer requests in flight; chance decides a tie. Far less often than with one draw a request has
/// to wait behind another in a busy dyno, and unlike <see cref="LeastRequestsDynoSelector"/> several routers don't all run to the same dyno.
/// </summary>
/// <remarks>Requests in flight are <see cref="DynoEndpoint.InFlight"/>: those that came through the routers of this process.</remarks>
/// <param name="random">The source of chance. As safe for threads as that is: <see cref="Random.Shared"/> is, a seeded one is not.</param>
public sealed class TwoChoicesDynoSelector(Random random) : IDynoSelector
{
    private readonly Random _random = random ?? throw new ArgumentNullException(nameof(random));

    /// <inheritdoc/>
    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request)
    {
        if (candidates.Length < 2)
        {
            return candidates.IsEmpty ? null : candidates[0];
        }

        // The second is drawn out of the others: both are as likely as any pair. On a tie the first is taken, which is as random as the second.
        var first = _random.Next(candidates.Length);
        var second = _random.Next(candidates.Length - 1);
        second = second < first ? second : second + 1;
        return candidates[second].InFlight < candidates[first].InFlight ? candidates[second] : candidates[first];
    }
}
