using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace PaaS.Routing.Tests;

/// <summary>A run of wrk, the load generator.</summary>
/// <param name="Requests">Answered requests.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Errors">Connections that failed, and answers that were errors or did not come.</param>
internal sealed record Wrk(int Requests, double Seconds, int Errors)
{
    public const int Connections = 16;

    /// <summary>Loads a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="pause">How long each connection waits between two requests.</param>
    public static async Task<Wrk> RunAsync(int port, int seconds, int pause)
    {
        var start = new ProcessStartInfo(
            "wrk",
            ["-t", "1", "-c", Text(Connections), "-d", $"{seconds}s", "--timeout", "20s", "-s", Path.Combine(AppContext.BaseDirectory, "Load", "load.lua"), $"http://127.0.0.1:{port}/", Text(pause)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var wrk = Start(start);
        var output = wrk.StandardOutput.ReadToEndAsync();
        var errors = wrk.StandardError.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var text = await output;
        var at = text.IndexOf("RESULT ", StringComparison.Ordinal);
        Assert.True(at >= 0, $"wrk said: {text}{await errors}");
        var numbers = text[(at + 7)..].Split('\n')[0].Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Wrk(numbers[0], numbers[1] / 1e6, numbers[2..].Sum());
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("wrk is a part of this test and can't be started. Install it: apt-get install wrk.", e);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
