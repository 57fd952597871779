using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>What <see cref="SlugFigures"/> is asked for.</summary>
internal sealed record SlugFigureOptions
{
    public int Files { get; init; } = 45_000;

    public int Seed { get; init; } = 1;

    public int Rounds { get; init; } = 3;

    public string? Tree { get; init; }

    /// <summary>A directory whose packing's peak of memory is printed, and nothing else done.</summary>
    public string? Peak { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <returns><see langword="null"/> if it is not understood.</returns>
    public static SlugFigureOptions? TryParse(string[] arguments)
    {
        var options = new SlugFigureOptions();
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

    private static SlugFigureOptions? Take(SlugFigureOptions options, string name, string value)
    {
        var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed is > 0 and <= 1_000_000 ? parsed : (int?)null;
        return (name, number) switch
        {
            ("--files", { } n) => options with { Files = n },
            ("--seed", { } n) => options with { Seed = n },
            ("--rounds", { } n) => options with { Rounds = n },
            ("--tree", _) => options with { Tree = Path.GetFullPath(value) },
            ("--peak", _) => options with { Peak = Path.GetFullPath(value) },
            _ => null,
        };
    }
}
