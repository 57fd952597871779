using System.Globalization;

namespace PaaS.Runtime;

/// <summary>The groups of one process tree, in every hierarchy that is used: nothing a process does takes it out of them.</summary>
internal sealed class Cgroup(CgroupPaths paths) : ProcessGroup
{
    private const int RemovalAttempts = 20;
    private const int FreezeLooks = 100;

    public override string? CgroupPath => paths.Tree;

    public override IReadOnlyList<string> ControllerPaths => [.. Paths.Skip(1)];

    /// <summary>Every directory once, the tree's first.</summary>
    public IReadOnlyList<string> Paths { get; } = [.. paths.All];

    public override int OutOfMemoryKills => CgroupUsage.OutOfMemoryKills(paths);

    public override TimeSpan? CpuTime => paths.CpuTime is { } group ? CgroupUsage.Time(group) : null;

    public override bool IsEmpty =>
        CgroupFile.Read(paths.Tree, "cgroup.events") is { } events ? events.Contains("populated 0", StringComparison.Ordinal)
        : !Groups(paths.Tree).Exists(static group => CgroupFile.Read(group, "cgroup.procs") is { Length: > 0 });

    /// <summary>The groups that a record names, without those that no launcher can have made for its marker.</summary>
    public static Cgroup? Of(ProcessRecord record)
    {
        var own = new[] { record.Cgroup }.Concat(record.Controllers ?? []).OfType<string>().Where(path => IsOf(record.Marker, path)).ToList();
        return own is [var tree, .. var others] ? new Cgroup(new CgroupPaths(tree, others.ElementAtOrDefault(0), others.ElementAtOrDefault(1), others.ElementAtOrDefault(2), others.ElementAtOrDefault(3))) : null;
    }

    /// <summary>Whether a path is one that a launcher gives the group of this marker: <c>.../paas/HOST/MARKER</c>.</summary>
    public static bool IsOf(Guid marker, string path) =>
        Path.GetDirectoryName(path) is { } host
        && Path.GetFileName(path) == marker.ToString("N")
        && Guid.TryParseExact(Path.GetFileName(host), "N", out _)
        && Path.GetFileName(Path.GetDirectoryName(host)) == HostCgroups.Product;

    /// <summary>Moves a process into the groups. What it starts from now on is born there.</summary>
    /// <exception cref="ProcessStartException">The system refused.</exception>
    public override void Join(int pid)
    {
        foreach (var path in Paths)
        {
            try
            {
                CgroupFile.Write(path, "cgroup.procs", pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProcessStartException($"Process {pid} could not be moved into the cgroup {path}: {e.Message} Give the host a delegated cgroup v2 group, or switch cgroups off for it.", e);
            }
        }
    }

    public override IReadOnlyList<int> List()
    {
        var pids = new List<int>();
        foreach (var group in Groups(paths.Tree))
        {
            foreach (var line in (CgroupFile.Read(group, "cgroup.procs") ?? string.Empty).AsSpan().EnumerateLines())
            {
                if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 && ProcessStat.Read(pid) is { IsAlive: true })
                {
                    pids.Add(pid);
                }
            }
        }

        return pids;
    }

    /// <summary>A zombie is in no list of its group's, but still tells where it was.</summary>
    public override bool Had(int pid) =>
        CgroupFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"), "cgroup") is { } groups
        && Path.GetFileName(paths.Tree) is var name
        && groups.Split('\n').Any(line => line.EndsWith('/' + name, StringComparison.Ordinal) || line.Contains($"/{name}/", StringComparison.Ordinal));

    /// <summary>In one step where the kernel can, else by holding all still while each is signalled.</summary>
    public override void Kill()
    {
        try
        {
            if (CgroupFile.Exists(paths.Tree, "cgroup.kill"))
            {
                CgroupFile.Write(paths.Tree, "cgroup.kill", 1);

                // The kernel signals each process's first thread alone: where that has ended, the others live on.
                Signal((int)ProcessSignal.Kill, static _ => false);
            }
            else if (CgroupFile.Exists(paths.Tree, "freezer.state"))
            {
                KillFrozen("freezer.state", "FROZEN", "THAWED", () => CgroupFile.Read(paths.Tree, "freezer.state")?.StartsWith("FROZEN", StringComparison.Ordinal) ?? true);
            }
            else if (CgroupFile.Exists(paths.Tree, "cgroup.freeze"))
            {
                KillFrozen("cgroup.freeze", "1", "0", () => CgroupFile.Number(paths.Tree, "cgroup.events", "frozen") is null or 1);
            }
            else
            {
                Signal((int)ProcessSignal.Kill, static _ => false);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The group has gone already.
        }
    }

    public override ProcessUsage? Measure() => IsEmpty ? null : CgroupUsage.Read(paths, List());

    public override async ValueTask<bool> RemoveAsync()
    {
        // EBUSY while a zombie that another process has yet to reap is in it.
        for (var attempt = 0; attempt < RemovalAttempts; attempt++)
        {
            if (TryRemove())
            {
                return true;
            }

            await Task.Delay(attempt + 1).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Removes the groups and those made inside them, if nothing is in them.</summary>
    public bool TryRemove() => Paths.Count(static path => TryRemove(Groups(path).AsEnumerable().Reverse())) == Paths.Count;

    /// <summary>Removes a group if there is neither a process nor a group in it.</summary>
    public static bool TryRemoveAlone(string path) => TryRemove([path]);

    private static bool TryRemove(IEnumerable<string> groups)
    {
        try
        {
            foreach (var group in groups)
            {
                Directory.Delete(group);
            }

            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static List<string> Groups(string path)
    {
        try
        {
            return [path, .. Directory.GetDirectories(path).SelectMany(Groups)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private void KillFrozen(string file, string freeze, string thaw, Func<bool> isFrozen)
    {
        CgroupFile.Write(paths.Tree, file, freeze);
        try
        {
            // One in an uninterruptible wait freezes later. Whoever forks in between is killed with the next call.
            for (var look = 0; look < FreezeLooks && !isFrozen(); look++)
            {
                Thread.Yield();
            }

            Signal((int)ProcessSignal.Kill, static _ => false);
        }
        finally
        {
            CgroupFile.Write(paths.Tree, file, thaw);
        }
    }
}
