namespace PaaS.Runtime;

/// <summary>Reads what a tree uses from its groups; what no controller counts, from its processes.</summary>
internal static class CgroupUsage
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    /// <summary>Measures a tree.</summary>
    /// <param name="group">Its groups.</param>
    /// <param name="processes">Its processes that are alive now.</param>
    /// <returns><see langword="null"/> if it has gone.</returns>
    public static ProcessUsage? Read(CgroupPaths group, IReadOnlyList<int> processes)
    {
        var memory = group.Memory is null ? null : Memory(group.Memory);
        var count = group.Processes is null ? null : CgroupFile.Number(group.Processes, "pids.current");
        var time = group.CpuTime is null ? null : Time(group.CpuTime);
        var own = memory is null || count is null || time is null ? ProcessTreeUsage.Measure(processes) : null;
        if (own is null && (memory is null || count is null || time is null))
        {
            return null;
        }

        var (used, cache, swap) = memory ?? (own!.MemoryBytes, own.CacheBytes, own.SwapBytes);
        return new ProcessUsage(used, cache, swap, (int?)count ?? own!.Processes, time ?? own!.CpuTime, OutOfMemoryKills(group));
    }

    /// <summary>How many of its processes the kernel has killed for want of memory.</summary>
    public static int OutOfMemoryKills(CgroupPaths group) =>
        group.Memory is { } memory
            ? (int)(CgroupFile.Number(memory, "memory.events", "oom_kill") ?? CgroupFile.Number(memory, "memory.oom_control", "oom_kill") ?? 0)
            : 0;

    /// <summary>The processor time that a group has used; <see langword="null"/> if it has gone.</summary>
    public static TimeSpan? Time(string group) =>
        CgroupFile.Exists(group, "cpuacct.usage")
            ? CgroupFile.Number(group, "cpuacct.usage") is { } nanoseconds ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : null
            : CgroupFile.Number(group, "cpu.stat", "usage_usec") is { } microseconds ? TimeSpan.FromTicks(microseconds * TicksPerMicrosecond) : null;

    /// <summary>Page cache is charged to who touched it first; what of it is inactive the kernel drops before it kills, so it is counted apart.</summary>
    private static (long Used, long Cache, long Swap)? Memory(string group)
    {
        var isUnified = CgroupFile.Exists(group, "memory.current");
        if (CgroupFile.Number(group, isUnified ? "memory.current" : "memory.usage_in_bytes") is not { } usage || CgroupFile.Read(group, "memory.stat") is not { } stat)
        {
            return null;
        }

        // The two files are not read in one moment.
        var cache = Math.Min(usage, CgroupFile.Find(stat, isUnified ? "inactive_file" : "total_inactive_file") ?? 0);
        var swap = isUnified ? CgroupFile.Number(group, "memory.swap.current") : CgroupFile.Find(stat, "total_swap");
        return (usage - cache, cache, swap ?? 0);
    }
}
