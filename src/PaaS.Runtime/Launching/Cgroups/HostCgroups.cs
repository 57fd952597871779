using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>
/// Where one host's groups are: a directory <c>paas/HOST</c> in every hierarchy that it needs and may write. The unified
/// hierarchy is taken for whatever it can do, version 1 for the rest.
/// </summary>
internal sealed class HostCgroups
{
    /// <summary>The directory that holds every host's groups.</summary>
    public const string Product = "paas";

    private const int Writable = 2;
    private static readonly ImmutableArray<string> Wanted = ["memory", "cpu", "pids"];

    private readonly CgroupPaths _paths;
    private readonly string? _unified;

    private HostCgroups(CgroupPaths paths, string? unified)
    {
        _paths = paths;
        _unified = unified;
    }

    /// <summary>What is enforced for every tree that gets a group.</summary>
    public ProcessIsolation Isolation =>
        ProcessIsolation.Tree
        | (_paths.Memory is null ? 0 : ProcessIsolation.Memory)
        | (_paths.Cpu is null ? 0 : ProcessIsolation.Cpu)
        | (_paths.Processes is null ? 0 : ProcessIsolation.ProcessCount);

    /// <summary>The host's directories, the one by which trees are killed first.</summary>
    public IReadOnlyList<string> Directories => [.. _paths.All];

    /// <summary>Finds and makes the directories on this machine.</summary>
    /// <param name="host">The host's name.</param>
    /// <returns><see langword="null"/> if there is no hierarchy that the host may write.</returns>
    public static HostCgroups? TryMake(string host) =>
        TryMake(host, CgroupMount.Find(File.ReadLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup")));

    /// <summary>Finds and makes the directories below these mounts.</summary>
    public static HostCgroups? TryMake(string host, IReadOnlyList<CgroupMount> mounts)
    {
        var unified = mounts.Where(static m => m.IsUnified).Select(m => MakeUnified(m, host)).FirstOrDefault(static path => path is not null);
        var given = unified is null ? [] : Controllers(unified, "cgroup.subtree_control");
        var memory = Of("memory");
        var cpu = Of("cpu");
        var processes = Of("pids");
        var tree = unified is not null && (CgroupFile.Exists(unified, "cgroup.kill") || CgroupFile.Exists(unified, "cgroup.freeze")) ? unified
            : MakeVersion1(mounts, host, "freezer") ?? processes ?? memory ?? cpu;
        var time = unified ?? MakeVersion1(mounts, host, "cpuacct");
        return tree is null ? null : new HostCgroups(new CgroupPaths(tree, memory, cpu, processes, time), unified);

        string? Of(string controller) => given.Contains(controller) ? unified : MakeVersion1(mounts, host, controller);
    }

    /// <summary>Makes the groups of one tree, with its limits set.</summary>
    /// <param name="marker">The tree's marker.</param>
    /// <param name="limits">The limits. Of those whose controller is missing nothing is applied.</param>
    /// <param name="helpers">How many processes of the launcher's own are in the tree and don't count.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public Cgroup Create(Guid marker, ProcessLimits limits, int helpers = 0)
    {
        if (_unified is not null && !Directory.Exists(_unified))
        {
            // A host that shares the records has removed it at its end.
            HandDown(Path.GetDirectoryName(Path.GetDirectoryName(_unified))!, _unified);
        }

        var group = new Cgroup(_paths.Below(marker.ToString("N")));
        try
        {
            foreach (var path in group.Paths)
            {
                Directory.CreateDirectory(path);
            }

            CgroupLimits.Apply(_paths.Below(marker.ToString("N")), limits, helpers);
            return group;
        }
        catch
        {
            group.TryRemove();
            throw;
        }
    }

    /// <summary>
    /// Gets the kernel ready for <see cref="Cgroup.Join"/>. The first move of a process after a while waits until every processor
    /// has switched tasks, some 10 ms; one soon after it waits for nothing. So a process is told to move to where it is
    /// already, while the one to be moved is prepared.
    /// </summary>
    /// <param name="pid">A process that stays where it is.</param>
    public void GetReady(int pid)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        try
        {
            var groups = CgroupFile.Read($"/proc/{id}", "cgroup") ?? string.Empty;
            var mount = CgroupMount.Find(File.ReadLines("/proc/self/mountinfo"), groups.Split('\n')).Find(m => _paths.Tree.StartsWith(m.Path + '/', StringComparison.Ordinal));

            // Only where it is seen: nothing is to be moved here.
            if (mount is not null && Path.Join(mount.Path, mount.OwnGroup) is var group && (CgroupFile.Read(group, "cgroup.procs") ?? string.Empty).Split('\n').Contains(id))
            {
                _ = CgroupFile.TryWrite(group, "cgroup.procs", id);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The start takes longer. What keeps it from its group is said when it joins.
        }
    }

    /// <summary>The limits that are left to be applied to each process alone.</summary>
    public ProcessLimits RestOf(ProcessLimits limits) => _paths.Processes is null ? limits : limits with { Processes = null };

    /// <summary>
    /// Kills and removes every group of the host's that is not among the live: one that a killed host made and did not come to
    /// record. Only a host with the same records makes a group here.
    /// </summary>
    public async ValueTask SweepAsync(Func<Guid, bool> isLive)
    {
        foreach (var directory in _paths.All.Where(Directory.Exists))
        {
            foreach (var path in Directory.GetDirectories(directory))
            {
                if (Guid.TryParseExact(Path.GetFileName(path), "N", out var marker) && !isLive(marker))
                {
                    var group = new Cgroup(new CgroupPaths(path));
                    await group.KillAllAsync().ConfigureAwait(false);
                    await group.RemoveAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Removes the host's directories as far as they are empty.</summary>
    public void Remove()
    {
        foreach (var path in _paths.All)
        {
            Cgroup.TryRemoveAlone(path);
        }
    }

    private static string? MakeVersion1(IReadOnlyList<CgroupMount> mounts, string host, string controller)
    {
        // Nothing may join a group with cpuset before that has been told its processors, which is not ours to choose.
        var usable = mounts.Where(m => !m.IsUnified && m.Controllers.Contains(controller) && !m.Controllers.Contains("cpuset"));
        return usable.SelectMany(static m => m.Parents).Select(parent => TryMakeBelow(parent, host)).FirstOrDefault(static path => path is not null);
    }

    /// <summary>Takes the place that hands down the most of what the tree has, and of equal ones the first.</summary>
    private static string? MakeUnified(CgroupMount mount, string host)
    {
        var wanted = Controllers(mount.Path, "cgroup.controllers").Intersect(Wanted).Count();
        string? best = null;
        var most = -1;
        foreach (var parent in mount.Parents.TakeWhile(_ => most < wanted))
        {
            if (TryMakeBelow(parent, host) is not { } path)
            {
                continue;
            }

            HandDown(parent, path);
            var count = Controllers(path, "cgroup.subtree_control").Intersect(Wanted).Count();
            var worse = count > most ? best : path;
            (best, most) = count > most ? (path, count) : (best, most);
            if (worse is not null)
            {
                Cgroup.TryRemoveAlone(worse);
                Cgroup.TryRemoveAlone(Path.GetDirectoryName(worse)!);
            }
        }

        return best;
    }

    /// <summary>
    /// Lets the groups from a parent down to the host's directory hand their controllers to the groups in them. Only the root may
    /// do so while it has processes of its own; in any other group a part of the controllers could still be had, and
    /// would make the groups below unusable.
    /// </summary>
    private static void HandDown(string parent, string path)
    {
        Directory.CreateDirectory(path);
        foreach (var group in new[] { parent, Path.GetDirectoryName(path)!, path })
        {
            var missing = Controllers(group, "cgroup.controllers").Intersect(Wanted).Except(Controllers(group, "cgroup.subtree_control")).ToList();
            var isRoot = !CgroupFile.Exists(group, "cgroup.type");
            if (missing.Count == 0 || (!isRoot && CgroupFile.Read(group, "cgroup.procs") is { Length: > 0 }))
            {
                continue;
            }

            if (!CgroupFile.TryWrite(group, "cgroup.subtree_control", string.Join(' ', missing.Select(static name => '+' + name))))
            {
                // One refused would take the others with it. What could not be had is seen by reading the file.
                missing.ForEach(name => CgroupFile.TryWrite(group, "cgroup.subtree_control", '+' + name));
            }
        }
    }

    private static string[] Controllers(string group, string file) =>
        [.. (CgroupFile.Read(group, file) ?? string.Empty).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static name => name.TrimStart('+'))];

    private static string? TryMakeBelow(string parent, string host)
    {
        // Moving a process needs the right to write into the group above both its old and its new one.
        if (Libc.Access(Path.Combine(parent, "cgroup.procs"), Writable) != 0)
        {
            return null;
        }

        var path = Path.Combine(parent, Product, host);
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
