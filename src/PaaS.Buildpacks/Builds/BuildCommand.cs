using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>A command of a build that says itself what it sees, where it runs and which variables it has.</summary>
internal sealed record BuildCommand
{
    /// <summary>The program and its arguments.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>All variables. Nothing is added.</summary>
    public required ImmutableSortedDictionary<string, string> Environment { get; init; }

    /// <summary>Where it runs; absolute, as the command sees it.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>What it sees of the host in a sandbox, in place of what other commands of the build see, but with what the operator lists.</summary>
    public required ImmutableArray<ProcessMount> Mounts { get; init; }

    /// <summary>The most bytes that one file may have, and all that it writes together, if that is less than a build may; null for a build's limit.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Reads what it prints; both streams, if there is no <see cref="Error"/>. To the end: a full pipe stops the command.</summary>
    public required Func<Stream, Task> Output { get; init; }

    /// <summary>Reads its standard error.</summary>
    public Func<Stream, Task>? Error { get; init; }
}
