using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace PaaS.Runtime;

/// <summary>The platform's lines about a dyno, in Heroku's wording.</summary>
internal static class DynoLines
{
    public const string Restarting = "Restarting";
    public const string Cycling = "Cycling";
    public const string Idling = "Idling";
    public const string IdlingForQuota = "Idling because quota is exhausted";
    public const string Unidling = "Unidling";
    public const string StoppingWithTerm = "Stopping all processes with SIGTERM";
    public const string StoppingWithKill = "Stopping process with SIGKILL";
    public const string StoppingRestWithKill = "Stopping remaining processes with SIGKILL";
    public const string AttachError = "Error R13 (Attach error) -> Failed to attach to process";
    public const string MemoryExceeded = "Error R14 (Memory quota exceeded)";
    public const string MemoryVastlyExceeded = "Error R15 (Memory quota vastly exceeded)";
    public const string Detached = "Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed.";

    public const string LaunchError = "Error R99 (Platform error) -> Failed to launch the dyno";

    /// <summary>Heroku has no code for this: there, a dyno's disk has no limit that it tells.</summary>
    public const string DiskExceeded = "Error (Disk quota exceeded) -> The dyno has written more files than its disk holds. Write less, remove what is no longer needed, or keep files outside of the dyno";

    public static string Starting(string command) => $"Starting process with command `{command}`";

    public static string Exited(int status) => string.Create(CultureInfo.InvariantCulture, $"Process exited with status {status}");

    public static string Changed(DynoState from, DynoState to) => $"State changed from {DynoStates.Word(from)} to {DynoStates.Word(to)}";

    public static string BootTimeout(TimeSpan limit) => $"Error R10 (Boot timeout) -> Web process failed to bind to $PORT within {Seconds(limit)} seconds of launch";

    public static string LaunchTimeout(TimeSpan limit) => $"{LaunchError} within {Seconds(limit)} seconds";

    public static string ExitTimeout(TimeSpan grace) => $"Error R12 (Exit timeout) -> At least one process failed to exit within {Seconds(grace)} seconds of SIGTERM";

    /// <summary>What a dyno uses and which share of its quota that is; MB are 1,048,576 bytes, as everywhere with Heroku.</summary>
    public static string Memory(long bytes, DynoSize size) =>
        string.Create(CultureInfo.InvariantCulture, $"Process running mem={bytes / (double)(1 << 20):0}MB({bytes * 100.0 / size.MemoryBytes:0.0}%)");

    /// <summary>Says that a dyno listens elsewhere than it should, if it does.</summary>
    public static string? WrongPort(DynoRun run, ImmutableArray<IPEndPoint> listening)
    {
        if (run.Address is not { } address || listening.IsDefaultOrEmpty)
        {
            return null;
        }

        var here = listening.Where(endpoint => endpoint.Port == address.Port).ToArray();
        if (here.Length > 0)
        {
            // In a network of its own the loopback address is the dyno's alone.
            return IPAddress.IsLoopback(address.Address) || !Array.TrueForAll(here, static endpoint => IPAddress.IsLoopback(endpoint.Address))
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{run.Name} listens on {here[0].Address} only, where no request reaches it. Bind to 0.0.0.0, port $PORT ({address.Port})");
        }

        var listens = string.Join(" and ", listening.Select(static endpoint => endpoint.Port).Distinct().Order().Take(5).Select(port => port.ToString(CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{run.Name} listens on port {listens}, not on $PORT ({address.Port})");
    }

    public static string NeverListened(DynoRun run, TimeSpan limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Name} did not listen on $PORT ({run.Address?.Port}) within {Seconds(limit)} seconds of launch (R10)");

    public static string NeverHealthy(DynoRun run, HealthCheck check, TimeSpan limit) =>
        $"{run.Name} listens, but GET {check.Path} was not answered as it should be within {Seconds(limit)} seconds of launch (R10)";

    public static string Unhealthy(DynoName name, HealthCheck check, string answer) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} listens, but GET {check.Path} {answer} ({check.Attempts} {(check.Attempts == 1 ? "attempt" : "attempts")})");

    public static string KilledForMemory(DynoRun run, double factor) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Name} used more than {factor:0.##} times its memory quota of {run.Size.MemoryBytes >> 20} MB (R15). Make it use less, or give it a larger size");

    public static string KilledForDisk(DynoRun run) => $"{run.Name} filled its disk. Write fewer files, or keep them outside of the dyno";

    public static string ExitedEarly(DynoRun run, int status) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Name} exited with status {status} {(run.UpSince is null ? $"before it listened on $PORT ({run.Address?.Port})" : "before all new web dynos were ready")}");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
