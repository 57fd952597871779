using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>Prints what <see cref="RouterFigures"/> measured: medians, with least and most in brackets.</summary>
internal static class RouterReport
{
    public static void Print(Cell cell)
    {
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cell.Workload.Title}; {cell.Connections} connections"));
        Console.WriteLine();
        Console.WriteLine("| proxy | CPU us/request | CPU / nginx | CPU / YARP | requests/s | requests/s / nginx | p50 ms | p99 ms | errors |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, samples) in cell.Samples)
        {
            var errors = samples.Sum(static sample => sample.Load.Errors);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Text(cell.Of(name, Processor), "0.0")} | {Text(cell.Ratio(name, "nginx", Processor))} | {Text(cell.Ratio(name, "yarp", Processor))} | {Text(cell.Of(name, Rate), "0")} | {Text(cell.Ratio(name, "nginx", Rate))} | {Median(cell, name, static s => s.Load.Median)} | {Median(cell, name, static s => s.Load.Slow)} | {errors} |"));
        }

        static double Processor(Sample sample) => sample.Processor;
        static double Rate(Sample sample) => sample.Load.PerSecond;
    }

    /// <summary>What parts of ours cost that are always on.</summary>
    /// <param name="parts">The parts, in nanoseconds per request.</param>
    /// <param name="whole">The processor time of a small request, in microseconds.</param>
    public static void PrintParts(IEnumerable<(string Part, double Nanoseconds)> parts, Spread? whole)
    {
        Console.WriteLine();
        Console.WriteLine("| part of ours, in a loop by itself | ns/request | of a small request |");
        Console.WriteLine("|---|---|---|");
        foreach (var (part, nanoseconds) in parts)
        {
            var share = whole is { } small ? (nanoseconds / 1000 / small.Median).ToString("P1", CultureInfo.InvariantCulture) : string.Empty;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {part} | {nanoseconds:0} | {share} |"));
        }
    }

    public static void PrintMemory(IEnumerable<Contender> contenders)
    {
        Console.WriteLine();
        Console.WriteLine("| proxy | RSS MiB at first | RSS MiB at most | KiB per idle connection |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var contender in contenders)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {contender.Name} | {contender.FirstResident / 1024.0:0} | {contender.MostResident / 1024.0:0} | {contender.KiBPerConnection:0.0} |"));
        }
    }

    public static void PrintBars(IEnumerable<string> rows)
    {
        Console.WriteLine();
        Console.WriteLine("| bar | load | measured | wanted | |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var row in rows)
        {
            Console.WriteLine(row);
        }

        Console.WriteLine();
    }

    private static string Median(Cell cell, string name, Func<Sample, double> value) => cell.Of(name, value)!.Value.Median.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Text(Spread? spread, string format = "0.00") => spread is { } s
        ? $"{s.Median.ToString(format, CultureInfo.InvariantCulture)} ({s.Least.ToString(format, CultureInfo.InvariantCulture)}..{s.Most.ToString(format, CultureInfo.InvariantCulture)})"
        : string.Empty;
}
