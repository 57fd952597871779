using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>What to start and what to stop so that the dynos that run become those that are wanted.</summary>
/// <param name="Start">In ascending order.</param>
/// <param name="Stop">The highest numbers first.</param>
internal sealed record FormationDiff(ImmutableArray<DynoName> Start, ImmutableArray<DynoName> Stop)
{
    public static FormationDiff Between(IEnumerable<DynoName> running, Formation wanted, IEnumerable<ProcessType> processTypes)
    {
        var names = Wanted(wanted, processTypes);
        var now = running.ToImmutableSortedSet();
        return new([.. names.Except(now)], [.. now.Except(names).Reverse()]);
    }

    /// <summary>The dynos of a formation, of the types that the release has.</summary>
    public static ImmutableSortedSet<DynoName> Wanted(Formation formation, IEnumerable<ProcessType> processTypes)
    {
        var types = processTypes.ToHashSet();
        return (from entry in formation
                where types.Contains(entry.Type) && entry.Type != ProcessType.Release
                from number in Enumerable.Range(1, entry.Quantity)
                select new DynoName(entry.Type, number)).ToImmutableSortedSet();
    }
}
