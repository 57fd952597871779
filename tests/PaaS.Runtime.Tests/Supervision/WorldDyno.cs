using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

/// <summary>One start of a dyno, as the engine of a <see cref="SupervisorWorld"/> has it.</summary>
internal sealed class WorldDyno(DynoRun run)
{
    public DynoRun Run { get; } = run;

    public long Number => Run.Number;

    public string Name => Run.Name.ToString();

    public int Version => Run.Release.Version.Number;

    public int Port => 20000 + (int)Number;

    public bool IsLaunching { get; set; } = true;

    public bool IsRunning { get; set; }

    public bool IsWatched { get; set; }

    public bool IsRetired { get; set; }

    public bool MayDrain { get; set; }

    public bool IsExpired { get; set; }

    public bool IsDrainOver { get; set; }

    public bool MayBeKilled { get; set; }

    public bool MayGo { get; set; }

    /// <summary>Whether SIGKILL was ordered.</summary>
    public bool IsKilled { get; set; }

    /// <summary>How many orders of SIGKILL the engine fails to carry out.</summary>
    public int LostKills { get; set; }

    /// <summary>Whether the engine fails to send SIGTERM.</summary>
    public bool IsTermLost { get; set; }

    public bool IsGone { get; set; }

    public ProcessSignal? Signal { get; set; }
}
