using System.Collections.Concurrent;

namespace PaaS.Routing.Tests;

/// <summary>Always the first candidate.</summary>
internal sealed class FirstSelector : IDynoSelector
{
    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request) => candidates.IsEmpty ? null : candidates[0];
}

/// <summary>Random, and remembers.</summary>
internal sealed class CountingSelector : IDynoSelector
{
    private readonly RandomDynoSelector _random = new(Random.Shared);

    public ConcurrentQueue<DynoEndpoint> Chosen { get; } = [];

    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request)
    {
        var dyno = _random.Choose(candidates, request);
        if (dyno is not null)
        {
            Chosen.Enqueue(dyno);
        }

        return dyno;
    }
}
