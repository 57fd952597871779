using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>What <see cref="DynoFigures"/> is asked for.</summary>
internal sealed record DynoFigureOptions
{
    public int Count { get; init; } = 50;

    public int Starts { get; init; } = 20;

    public int Idle { get; init; } = 200;

    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan LoadTime { get; init; } = TimeSpan.FromSeconds(5);

    public string? Image { get; init; }

    public string? Only { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <returns><see langword="null"/> if it is not understood.</returns>
    public static DynoFigureOptions? TryParse(string[] arguments)
    {
        var options = new DynoFigureOptions();
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

    private static DynoFigureOptions? Take(DynoFigureOptions options, string name, string value)
    {
        var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed is > 0 and <= 1000 ? parsed : (int?)null;
        return (name, number) switch
        {
            ("--count", { } n) => options with { Count = n },
            ("--starts", { } n) => options with { Starts = n },
            ("--idle", { } n) => options with { Idle = n },
            ("--seconds", { } n) => options with { IdleTime = TimeSpan.FromSeconds(n) },
            ("--load", { } n) => options with { LoadTime = TimeSpan.FromSeconds(n) },
            ("--image", _) => options with { Image = value },
            ("--only", _) when value is "start" or "memory" or "together" or "idle" or "neighbour" => options with { Only = value },
            _ => null,
        };
    }
}
