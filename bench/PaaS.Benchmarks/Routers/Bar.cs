using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>What a contender of ours has to reach: a share of a peer's processor time per request.</summary>
/// <param name="Contender">Ours.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Most">The greatest share.</param>
/// <param name="Workloads">The loads it is for.</param>
internal sealed record Bar(string Contender, string Peer, double Most, params Workload[] Workloads)
{
    private const double KiBPerConnection = 3;

    private static readonly Workload[] SmallBodies = [Workload.Small, Workload.Headers, Workload.Medium, Workload.Upload];

    public static IReadOnlyList<Bar> All { get; } =
    [
        new("fast", "nginx", 0.80, SmallBodies),
        new("fast", "yarp", 0.45, SmallBodies),
        new("fast", "nginx-64k", 0.90, Workload.Large),
        new("kestrel", "yarp", 0.85, [.. Workload.All]),
        new("kestrel-inline", "nginx", 1.05, Workload.Small, Workload.Headers),
        new("kestrel-inline", "nginx", 1.30, Workload.Medium, Workload.Upload),
    ];

    /// <summary>Holds all that was measured against the bars.</summary>
    public static IEnumerable<string> Judge(IReadOnlyList<Cell> cells, IEnumerable<Contender> contenders)
    {
        foreach (var bar in All)
        {
            foreach (var cell in cells.Where(cell => bar.Workloads.Contains(cell.Workload)))
            {
                if (cell.Ratio(bar.Contender, bar.Peer, static sample => sample.Processor) is { } ratio)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"| {bar.Contender} / {bar.Peer} | {cell.Workload.Name}, {cell.Connections} | CPU {ratio.Median:0.00} ({ratio.Least:0.00}..{ratio.Most:0.00}) | <= {bar.Most:0.00} | {Verdict(ratio.Median <= bar.Most)} |");
                }
            }
        }

        if (contenders.FirstOrDefault(static contender => contender.Name == "fast")?.KiBPerConnection is { } memory)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"| fast | idle connection | {memory:0.0} KiB | <= {KiBPerConnection:0.0} | {Verdict(memory <= KiBPerConnection)} |");
        }

        foreach (var ours in Recipe.All.Where(static recipe => recipe.IsOurs))
        {
            var samples = cells.SelectMany(cell => cell.Samples.GetValueOrDefault(ours.Name, [])).ToList();
            if (samples.Count > 0)
            {
                var errors = samples.Sum(static sample => sample.Load.Errors);
                yield return string.Create(CultureInfo.InvariantCulture, $"| {ours.Name} | all | {errors} errors | 0 | {Verdict(errors == 0)} |");
            }
        }
    }

    private static string Verdict(bool isMet) => isMet ? "met" : "missed";
}
