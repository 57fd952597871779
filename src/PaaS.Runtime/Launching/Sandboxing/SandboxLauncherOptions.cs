using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Where and how a <see cref="SandboxLauncher"/> works.</summary>
public sealed record SandboxLauncherOptions
{
    /// <summary>Where to record what runs. The host's own, one host at a time; made with mode 0700 if missing.</summary>
    public required string RecordsDirectory { get; init; }

    /// <summary>
    /// An absolute path for what processes write into <see cref="ProcessMountMode.Ephemeral"/> mounts; the host's own, made
    /// with mode 0700 if missing. On a file system that overlayfs can write to (ext4, xfs, btrfs, tmpfs; not on another overlay).
    /// </summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>The absolute path of bwrap (bubblewrap 0.8 or later); <see langword="null"/> to look it up in /usr/local/bin, /usr/bin and /bin.</summary>
    public string? BwrapPath { get; init; }

    /// <summary>Directories outside /usr that every process sees, read-only and under the same name, such as <c>/opt/java</c>. Those that don't exist are left out.</summary>
    public ImmutableArray<string> Toolchains { get; init; } = [];

    /// <summary>The size of a process tree's private /tmp in bytes, unless its spec mounts one; it counts as memory. 256 MiB by default, at least 1 MiB.</summary>
    public long TemporaryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The size of a process tree's /dev/shm in bytes; it counts as memory. 64 MiB by default, at least 1 MiB.</summary>
    public long SharedMemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Whether to group processes by cgroup where the host may.</summary>
    public bool UseCgroups { get; init; } = true;

    /// <summary>Whether to give a network of its own to a process that asks for <see cref="ProcessNetwork.Own"/>, where the host may.</summary>
    public bool UseNetworks { get; init; } = true;

    /// <exception cref="ArgumentException">A path is not absolute, or a size too small.</exception>
    internal void Check()
    {
        foreach (var path in Toolchains.Append(RecordsDirectory).Append(ScratchDirectory).Append(BwrapPath ?? "/"))
        {
            if (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal))
            {
                throw new ArgumentException($"'{path}' is not an absolute path. Give the sandbox launcher absolute paths only.");
            }
        }

        const long Least = 1024 * 1024;
        if (TemporaryBytes < Least || SharedMemoryBytes < Least)
        {
            throw new ArgumentException($"{nameof(TemporaryBytes)} and {nameof(SharedMemoryBytes)} must be at least {Least}.");
        }
    }
}
