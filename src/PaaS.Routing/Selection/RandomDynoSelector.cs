namespace PaaS.Routing;

/// <summary>Uniform random choice with no memory, as Heroku's router does: every candidate is as likely as any other, every time.</summary>
/// <param name="random">The source of chance. As safe for threads as that is: <see cref="Random.Shared"/> is, a seeded one is not.</param>
public sealed class RandomDynoSelector(Random random) : IDynoSelector
{
    private readonly Random _random = random ?? throw new ArgumentNullException(nameof(random));

    /// <inheritdoc/>
    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request) => candidates.Length switch
    {
        0 => null,
        1 => candidates[0],
        _ => candidates[_random.Next(candidates.Length)],
    };
}
