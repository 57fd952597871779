using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>What <see cref="RouterFigures"/> is asked for.</summary>
internal sealed record RouterFigureOptions
{
    public int Rounds { get; init; } = 4;

    public int Seconds { get; init; } = 2;

    public int Warmup { get; init; } = 3;

    public int[] Connections { get; init; } = [64, 256];

    public int Idle { get; init; } = 2000;

    public Workload[] Workloads { get; init; } = [.. Workload.All];

    public string[] Contenders { get; init; } = [.. Recipe.All.Where(static recipe => recipe.IsUsual).Select(static recipe => recipe.Name)];

    /// <summary>Reads a command line.</summary>
    /// <returns><see langword="null"/> if it is not understood.</returns>
    public static RouterFigureOptions? TryParse(string[] arguments)
    {
        var options = new RouterFigureOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || Take(options, arguments[i], arguments[i + 1]) is not { } next)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    private static RouterFigureOptions? Take(RouterFigureOptions options, string name, string value)
    {
        var list = value.Split(',');
        var numbers = list.Select(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 20_000 ? number : -1).ToArray();
        return (name, numbers) switch
        {
            ("--rounds", [> 0 and var n]) => options with { Rounds = n },
            ("--seconds", [> 0 and var n]) => options with { Seconds = n },
            ("--warmup", [> 0 and var n]) => options with { Warmup = n },
            ("--idle", [>= 0 and var n]) => options with { Idle = n },
            ("--connections", _) when numbers.All(static n => n > 0) => options with { Connections = numbers },
            ("--workloads", _) when list.All(static text => Workload.All.Any(workload => workload.Name == text)) => options with { Workloads = [.. Workload.All.Where(workload => list.Contains(workload.Name))] },
            ("--contenders", _) when list.All(static text => Recipe.All.Any(recipe => recipe.Name == text)) => options with { Contenders = list },
            _ => null,
        };
    }
}
