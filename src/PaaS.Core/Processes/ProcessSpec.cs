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

    /// <summary>Paths of the host that the process is to see elsewhere. A launcher without mount namespaces refuses a spec that has any.</summary>
    public ImmutableArray<ProcessMount> Mounts { get; init; } = [];

    /// <summary>Resource limits.</summary>
    public ProcessLimits Limits { get; init; } = ProcessLimits.None;
}

/// <summary>A path of the host shown to a process under another name.</summary>
/// <param name="Source">The absolute path on the host.</param>
/// <param name="Target">The absolute path inside.</param>
/// <param name="ReadOnly">Whether the process may only read it.</param>
public sealed record ProcessMount(string Source, string Target, bool ReadOnly = true);

/// <summary>Resource limits of a process tree; <see langword="null"/> means no limit of that kind.</summary>
/// <param name="OpenFiles">Largest number of open descriptors per process.</param>
/// <param name="Processes">Largest number of processes and threads.</param>
/// <param name="MemoryBytes">Largest memory use in bytes.</param>
/// <param name="FileSizeBytes">Largest size of a file it may write, in bytes.</param>
/// <param name="Niceness">Scheduling niceness, 0 to 19, added to the host's own; builds run nicer than dynos.</param>
public sealed record ProcessLimits(int? OpenFiles = null, int? Processes = null, long? MemoryBytes = null, long? FileSizeBytes = null, int Niceness = 0)
{
    /// <summary>No limits.</summary>
    public static ProcessLimits None { get; } = new();
}
