using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What to start: an argument list, never a shell string, with everything the process may see and use.</summary>
public sealed record ProcessSpec
{
    /// <summary>The program and its arguments. The program is an absolute path or is looked up in the PATH of <see cref="Environment"/>, which without one is /usr/local/bin:/usr/bin:/bin.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>The absolute path the process starts in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The complete environment: nothing is inherited from the host. Values reach the process without ever standing in a command line.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The user and group id to run as; <see langword="null"/> is the host's own user. Needs a host that is root.</summary>
    public int? UserId { get; init; }

    /// <summary>A short name for the operator's eyes, such as <c>myapp/web.1</c>. Never a value of a tenant's.</summary>
    public required string Label { get; init; }

    /// <summary>Whether <see cref="ProcessHandle.Input"/> is a pipe; otherwise the process reads an empty input.</summary>
    public bool RedirectInput { get; init; }

    /// <summary>Whether standard error has a pipe of its own; otherwise it is merged into <see cref="ProcessHandle.Output"/>.</summary>
    public bool SeparateError { get; init; }

    /// <summary>A terminal for the process instead of pipes: input, output and error are one stream each way; see <see cref="ProcessHandle.Resize"/>. <see langword="null"/> for pipes.</summary>
    public TerminalSize? Terminal { get; init; }

    /// <summary>Paths of the host that the process is to see, and no others beside the read-only system. A launcher without <see cref="ProcessIsolation.Files"/> refuses a spec that has any.</summary>
    public ImmutableArray<ProcessMount> Mounts { get; init; } = [];

    /// <summary>The host name that the process sees, where it can have one of its own: letters, digits, '-' and '.', at most 63.</summary>
    public string? HostName { get; init; }

    /// <summary>Which network the process is in. <see cref="ProcessNetwork.Own"/> without <see cref="ProcessIsolation.Network"/> is the host's.</summary>
    public ProcessNetwork Network { get; init; }

    /// <summary>Resource limits.</summary>
    public ProcessLimits Limits { get; init; } = ProcessLimits.None;
}

/// <summary>A path of the host shown to a process under another name.</summary>
/// <param name="Source">The absolute path on the host.</param>
/// <param name="Target">The absolute path inside.</param>
/// <param name="Mode">What the process may do there.</param>
public sealed record ProcessMount(string Source, string Target, ProcessMountMode Mode = ProcessMountMode.ReadOnly);

/// <summary>What a process may do with a <see cref="ProcessMount"/>.</summary>
public enum ProcessMountMode
{
    /// <summary>Read.</summary>
    ReadOnly,

    /// <summary>Read and write; what it writes stays on the host.</summary>
    Writable,

    /// <summary>Read and write; what it writes is its own, is seen by nobody else, and goes when the process tree goes. The source never changes.</summary>
    Ephemeral,
}

/// <summary>Which network a process is in.</summary>
public enum ProcessNetwork
{
    /// <summary>The host's.</summary>
    Host,

    /// <summary>One of its own, with an address of its own and a way out, from which neither the host nor another process's network can be reached.</summary>
    Own,
}

/// <summary>The size of a terminal in characters.</summary>
/// <param name="Columns">Columns, 1 to 65,535.</param>
/// <param name="Rows">Rows, 1 to 65,535.</param>
public readonly record struct TerminalSize(ushort Columns, ushort Rows)
{
    /// <summary>80 columns, 24 rows.</summary>
    public static TerminalSize Default { get; } = new(80, 24);
}

/// <summary>Resource limits of a process tree; <see langword="null"/> means no limit of that kind.</summary>
/// <param name="OpenFiles">Largest number of open descriptors per process.</param>
/// <param name="Processes">Largest number of processes and threads.</param>
/// <param name="MemoryBytes">Largest memory use in bytes; over it processes of the tree are killed, see <see cref="ProcessExit.Reason"/> and <see cref="ProcessUsage.OutOfMemoryKills"/>.</param>
/// <param name="FileSizeBytes">Largest size of a file it may write, in bytes.</param>
/// <param name="Niceness">Scheduling niceness, 0 to 19, added to the host's own; builds run nicer than dynos.</param>
/// <param name="CpuShares">Its weight when processors are scarce, beside others' weights; 1024 is one share.</param>
/// <param name="DiskBytes">The most that there may be in the directories it can write: its <see cref="ProcessMountMode.Ephemeral"/> mounts without their source, its <see cref="ProcessMountMode.Writable"/> mounts and its temporary directory. Watched, not blocked: the tree is killed soon after it is over.</param>
public sealed record ProcessLimits(
    int? OpenFiles = null,
    int? Processes = null,
    long? MemoryBytes = null,
    long? FileSizeBytes = null,
    int Niceness = 0,
    int? CpuShares = null,
    long? DiskBytes = null)
{
    /// <summary>No limits.</summary>
    public static ProcessLimits None { get; } = new();
}
