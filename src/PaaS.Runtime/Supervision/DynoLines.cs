using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>The platform's lines about a dyno, in Heroku's wording.</summary>
internal static class DynoLines
{
    public const string Restarting = "Restarting";
    public const string StoppingWithTerm = "Stopping all processes with SIGTERM";
    public const string StoppingWithKill = "Stopping process with SIGKILL";
    public const string StoppingRestWithKill = "Stopping remaining processes with SIGKILL";

    public static string Starting(string command) => $"Starting process with command `{command}`";

    public static string Exited(int status) => string.Create(CultureInfo.InvariantCulture, $"Process exited with status {status}");

    public static string Changed(DynoState from, DynoState to) => $"State changed from {Word(from)} to {Word(to)}";

    public static string BootTimeout(TimeSpan limit) => $"Error R10 (Boot timeout) -> Web process failed to bind to $PORT within {Seconds(limit)} seconds of launch";

    public static string ExitTimeout(TimeSpan grace) => $"Error R12 (Exit timeout) -> At least one process failed to exit within {Seconds(grace)} seconds of SIGTERM";

    /// <summary>Says that a dyno listens elsewhere than it should, if it does.</summary>
    public static string? WrongPort(DynoRun run, ImmutableArray<int> ports)
    {
        if (run.Address is not { } address || ports.IsDefaultOrEmpty || ports.Contains(address.Port))
        {
            return null;
        }

        var listens = string.Join(" and ", ports.Distinct().Order().Take(5).Select(port => port.ToString(CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{run.Name} listens on port {listens}, not on $PORT ({address.Port})");
    }

    public static string NeverListened(DynoRun run, TimeSpan limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Name} did not listen on $PORT ({run.Address?.Port}) within {Seconds(limit)} seconds of launch (R10)");

    public static string ExitedEarly(DynoRun run, int status) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Name} exited with status {status} {(run.UpSince is null ? $"before it listened on $PORT ({run.Address?.Port})" : "before all new web dynos were ready")}");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Word(DynoState state) => state switch
    {
        DynoState.Starting => "starting",
        DynoState.Up => "up",
        DynoState.Crashed => "crashed",
        DynoState.Idle => "idle",
        _ => "down",
    };
}
