namespace PaaS.Routing;

/// <summary>Takes the dyno with the fewest requests in flight; chance decides among several. It looks at every dyno, so its cost grows with their number.</summary>
/// <remarks>Requests in flight are <see cref="DynoEndpoint.InFlight"/>: those that came through the routers of this process. A dyno that fails quickly looks idle and draws requests.</remarks>
/// <param name="random">The source of chance. As safe for threads as that is: <see cref="Random.Shared"/> is, a seeded one is not.</param>
public sealed class LeastRequestsDynoSelector(Random random) : IDynoSelector
{
    private readonly Random _random = random ?? throw new ArgumentNullException(nameof(random));

    /// <inheritdoc/>
    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request)
    {
        DynoEndpoint? least = null;
        var fewest = int.MaxValue;
        var ties = 0;
        foreach (var candidate in candidates)
        {
            var inFlight = candidate.InFlight;
            if (inFlight < fewest)
            {
                (least, fewest, ties) = (candidate, inFlight, 1);
            }
            else if (inFlight == fewest && _random.Next(++ties) == 0)
            {
                // The n-th of equals takes the place with chance 1/n, so each has the same in the end.
                least = candidate;
            }
        }

        return least;
    }
}
