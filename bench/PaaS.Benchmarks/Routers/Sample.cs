namespace PaaS.Benchmarks;

/// <summary>One round of one contender.</summary>
/// <param name="Load">What wrk counted.</param>
/// <param name="Processor">The proxy's processor time per request, in microseconds.</param>
internal readonly record struct Sample(Wrk Load, double Processor);

/// <summary>The middle of some values, with the least and the most.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>All rounds of all contenders under one load.</summary>
/// <param name="Workload">The kind of request.</param>
/// <param name="Connections">How many connections.</param>
internal sealed record Cell(Workload Workload, int Connections)
{
    public Dictionary<string, List<Sample>> Samples { get; } = [];

    public Spread? Of(string contender, Func<Sample, double> value) => Samples.TryGetValue(contender, out var samples) ? Spread.Of(samples.Select(value)) : null;

    /// <summary>Compares two contenders round by round: what else went on at that time was the same for both.</summary>
    public Spread? Ratio(string contender, string peer, Func<Sample, double> value) =>
        Samples.TryGetValue(contender, out var ours) && Samples.TryGetValue(peer, out var theirs) ? Spread.Of(ours.Zip(theirs, (a, b) => value(a) / value(b))) : null;
}
