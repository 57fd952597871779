namespace PaaS.Runtime.Tests;

/// <summary>On a real kernel, what serves where there is no cgroup.kill.</summary>
[Collection(RealProcesses.Name)]
public sealed class FreezerTests
{
    [Fact]
    public async Task A_tree_that_forks_without_end_is_held_still_and_killed()
    {
        using var host = new Version1Host();
        await using var scene = new LauncherScene(useCgroups: false);
        await using var process = await scene.Start(LauncherScene.Bash("read; while :; do (setsid sleep 0.2 >/dev/null 2>&1 &); done") with { RedirectInput = true });
        var group = host.Groups.Create(Guid.NewGuid(), new(Processes: 100, MemoryBytes: 256 << 20));
        group.Join(process.Id);
        await process.Input.WriteAsync("\n"u8.ToArray());
        await process.Input.FlushAsync();
        await RealProcesses.Until(() => group.List().Count > 5, "it forks");
        var usage = group.Measure()!;

        await group.KillAllAsync().WaitAsync(RealProcesses.Deadline);

        Assert.Equal("freezer", Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(host.Groups.Directories[0]))));
        Assert.InRange(usage.Processes, 5, 100);
        Assert.InRange(usage.MemoryBytes, 1, 256 << 20);
        Assert.Null(group.Measure());
        Assert.Equal(137, (await process.Exited.WaitAsync(RealProcesses.Deadline)).Status);
        await process.DisposeAsync();
        await RealProcesses.Until(group.TryRemove, "their parents have reaped them");
    }

    [Fact]
    public async Task The_watchdog_kills_by_freezer_too()
    {
        using var host = new Version1Host();
        await using var scene = new LauncherScene(useCgroups: false);
        await using var process = await scene.Start(LauncherScene.Bash("read; (env -i setsid sleep 301 >/dev/null 2>&1 &); env -i sleep 302; :") with { RedirectInput = true });
        var marker = Guid.NewGuid();
        var group = host.Groups.Create(marker, ProcessLimits.None);
        group.Join(process.Id);
        await process.Input.WriteAsync("\n"u8.ToArray());
        await process.Input.FlushAsync();
        await RealProcesses.Until(() => group.List().Count == 3, "all are there");
        var all = group.List();

        await WatchdogTests.Bark($"+{marker:N}:{process.Id}:1\n", host.Groups.Directories);

        Assert.DoesNotContain(all, static pid => ProcessStat.Read(pid) is { IsAlive: true });
        await process.DisposeAsync();
        Assert.True(group.TryRemove());
    }

    /// <summary>A host's groups of version 1 alone, as on a machine that has nothing else.</summary>
    private sealed class Version1Host : IDisposable
    {
        public Version1Host()
        {
            var mounts = CgroupMount.Find(File.ReadLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup")).Where(static mount => !mount.IsUnified).ToList();
            var groups = mounts.Exists(static mount => mount.Controllers.Contains("freezer")) ? HostCgroups.TryMake(Guid.NewGuid().ToString("N"), mounts) : null;
            Assert.True(groups is not null, "Needs root and cgroup version 1 with a freezer.");
            Groups = groups;
        }

        public HostCgroups Groups { get; }

        public void Dispose() => Groups.Remove();
    }
}
