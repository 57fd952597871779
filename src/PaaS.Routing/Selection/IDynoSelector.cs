namespace PaaS.Routing;

/// <summary>How the router picks the dyno of a request among those that can take it.</summary>
public interface IDynoSelector
{
    /// <summary>Picks one. Called by many requests at once, so it must be safe for threads; it should neither wait nor allocate.</summary>
    /// <param name="candidates">The dynos that take requests, without those that this router left out after a failed connect.</param>
    /// <param name="request">The request, for a choice that depends on it, such as session affinity.</param>
    /// <returns>One of the candidates; <see langword="null"/> only if there is none.</returns>
    DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request);
}
