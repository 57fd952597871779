using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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

    /// <summary>Directories outside /usr that every process sees, read-only and under the same name, such as <c>/opt/java</c>. One may be a symbolic link to a directory, which is followed when the launcher is made. Those that don't exist then are left out.</summary>
    public ImmutableArray<string> Toolchains { get; init; } = [];

    /// <summary>The size of a process tree's private /tmp in bytes, unless its spec mounts one; it counts as memory. 256 MiB by default, at least 1 MiB.</summary>
    public long TemporaryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The size of a process tree's /dev/shm in bytes; it counts as memory. 64 MiB by default, at least 1 MiB.</summary>
    public long SharedMemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Whether to group processes by cgroup where the host may.</summary>
    public bool UseCgroups { get; init; } = true;

    /// <summary>Whether to give a network of its own to a process that asks for <see cref="ProcessNetwork.Own"/>, where the host may.</summary>
    public bool UseNetworks { get; init; } = true;

    /// <summary>For the operator: whose disk use could not be counted.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <exception cref="ArgumentException">A path is not absolute, a toolchain can't be shown, or a size is too small.</exception>
    internal void Check()
    {
        foreach (var path in Toolchains.Append(RecordsDirectory).Append(ScratchDirectory).Append(BwrapPath ?? "/"))
        {
            if (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal))
            {
                throw new ArgumentException($"'{path}' is not an absolute path. Give the sandbox launcher absolute paths only.");
            }
        }

        _ = ResolveToolchains();
        const long Least = 1024 * 1024;
        if (TemporaryBytes < Least || SharedMemoryBytes < Least)
        {
            throw new ArgumentException($"{nameof(TemporaryBytes)} and {nameof(SharedMemoryBytes)} must be at least {Least}.");
        }
    }

    /// <summary>The toolchains that exist, as mounts of what they really are at the names that they have.</summary>
    /// <exception cref="ArgumentException">One can't be shown.</exception>
    internal ImmutableArray<ProcessMount> ResolveToolchains() => [.. Toolchains.Distinct().Select(Resolve).OfType<ProcessMount>()];

    private static ProcessMount? Resolve(string path)
    {
        if (!SandboxRules.CanBeTarget(path))
        {
            throw new ArgumentException($"The toolchain '{path}' can't be shown in the sandbox. Give a directory that the system's own mounts (such as /usr) don't cover, without '.', '..', double or trailing slashes.");
        }

        try
        {
            var source = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (Directory.Exists(source))
            {
                return new ProcessMount(source, path);
            }

            return source == path && !File.Exists(path)
                ? null
                : throw new ArgumentException($"The toolchain '{path}' leads to '{source}', which is not a directory. Give one.");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The toolchain '{path}' can't be followed to a directory: {e.Message}", e);
        }
    }
}
