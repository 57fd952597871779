using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PaaS.Benchmarks;

/// <summary>What wrk counted in one go.</summary>
/// <param name="Requests">Responses that came.</param>
/// <param name="PerSecond">Requests per second.</param>
/// <param name="Median">Half of the requests took no longer, in ms.</param>
/// <param name="Slow">99 of 100 requests took no longer, in ms.</param>
/// <param name="Errors">Socket errors, time-outs and answers other than 2xx and 3xx.</param>
internal readonly partial record struct Wrk(long Requests, double PerSecond, double Median, double Slow, long Errors)
{
    private const int Threads = 2;

    public static async Task<Wrk> RunAsync(string url, string? script, int connections, int seconds, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "--latency", string.Create(CultureInfo.InvariantCulture, $"-t{Math.Min(Threads, connections)}"), string.Create(CultureInfo.InvariantCulture, $"-c{connections}"), string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s") })
        {
            start.ArgumentList.Add(argument);
        }

        if (script is not null)
        {
            start.ArgumentList.Add("-s");
            start.ArgumentList.Add(script);
        }

        start.ArgumentList.Add(url);
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? Parse(text)
            : throw new InvalidOperationException($"wrk {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {text}");
    }

    internal static Wrk Parse(string text)
    {
        var errors = SocketErrors().Match(text) is { Success: true } sockets ? sockets.Groups.Values.Skip(1).Sum(static group => Number(group.Value)) : 0;
        errors += OtherStatus().Match(text) is { Success: true } status ? Number(status.Groups[1].Value) : 0;
        var percentiles = Percentile().Matches(text).ToDictionary(static match => match.Groups[1].Value, static match => Milliseconds(match.Groups[2].Value, match.Groups[3].Value));
        return new Wrk(Number(Total().Match(text).Groups[1].Value), double.Parse(Rate().Match(text).Groups[1].Value, CultureInfo.InvariantCulture), percentiles["50"], percentiles["99"], (long)errors);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static double Milliseconds(string number, string unit) => double.Parse(number, CultureInfo.InvariantCulture) * unit switch
    {
        "us" => 0.001,
        "ms" => 1,
        "s" => 1000,
        _ => 60_000,
    };

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)", RegexOptions.Multiline)]
    private static partial Regex Percentile();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex OtherStatus();
}
