using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>What all chains of a <see cref="SandboxLauncher"/> share.</summary>
/// <param name="options">The launcher's options.</param>
/// <param name="bwrap">bwrap's path.</param>
/// <param name="filter">The filter of system calls, if the processor's are known.</param>
/// <param name="networks">Makes networks, if the host can.</param>
/// <param name="trees">The launcher's trees.</param>
internal sealed class Sandbox(SandboxLauncherOptions options, string bwrap, byte[]? filter, OwnNetworks? networks, ProcessTrees trees) : IAsyncDisposable
{
    public SandboxLauncherOptions Options { get; } = options;

    public string Bwrap { get; } = bwrap;

    public byte[]? Filter { get; } = filter;

    public OwnNetworks? Networks { get; } = networks;

    /// <summary>What the operator shows to every process.</summary>
    public ImmutableArray<ProcessMount> Toolchains { get; } = options.ResolveToolchains();

    public DiskWatch Disks { get; } = new(options.Logger);

    public SystemFiles SystemFiles { get; } = new(options.ScratchDirectory);

    /// <summary>The directory for what a tree writes.</summary>
    public string ScratchOf(Guid marker) => Path.Combine(Options.ScratchDirectory, marker.ToString("N"));

    /// <summary>The limit of processes that the chain must set, because no cgroup does.</summary>
    public int? ProcessesByUser(ProcessLimits limits) => trees.RestOf(limits).Processes;

    /// <summary>Removes what trees of an earlier host have written.</summary>
    public void Sweep(Func<Guid, bool> isLive)
    {
        SystemFiles.Sweep();
        foreach (var path in Directory.GetDirectories(Options.ScratchDirectory))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out var marker) && !isLive(marker) && !ScratchTree.TryRemove(path))
            {
                throw new IOException($"{path}, which an earlier host has left, could not be removed. Remove it by hand.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Disks.DisposeAsync().ConfigureAwait(false);
        SystemFiles.Dispose();
        Networks?.Dispose();
    }
}
