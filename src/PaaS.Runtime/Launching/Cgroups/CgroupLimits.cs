namespace PaaS.Runtime;

/// <summary>Writes limits into the files of a group that has no process yet.</summary>
internal static class CgroupLimits
{
    /// <summary>The kernel's weight of a group that nobody has given one, in both versions' numbers.</summary>
    private const long DefaultShares = 1024;
    private const long DefaultWeight = 100;

    /// <summary>Sets what the groups have a controller for.</summary>
    /// <param name="group">The groups.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="helpers">Processes of the launcher's own, which come on top.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Apply(CgroupPaths group, ProcessLimits limits, int helpers)
    {
        if (limits.MemoryBytes is { } bytes && group.Memory is { } memory)
        {
            LimitMemory(memory, bytes);
        }

        if (limits.CpuShares is { } shares && group.Cpu is { } cpu)
        {
            if (CgroupFile.Exists(cpu, "cpu.shares"))
            {
                CgroupFile.Write(cpu, "cpu.shares", shares);
            }
            else
            {
                CgroupFile.Write(cpu, "cpu.weight", Weight(shares));
            }
        }

        if (limits.Processes is { } count && group.Processes is { } processes)
        {
            CgroupFile.Write(processes, "pids.max", count + (long)helpers);
        }
    }

    /// <summary>Version 2's number for a weight, with the same ratio to what a group has by default: 1024 shares are 100.</summary>
    public static long Weight(int shares) => Math.Clamp(((shares * DefaultWeight) + (DefaultShares / 2)) / DefaultShares, 1, 10_000);

    private static void LimitMemory(string group, long bytes)
    {
        if (CgroupFile.Exists(group, "memory.limit_in_bytes"))
        {
            // In this order: the limit of memory and swap together can't be below that of memory alone.
            CgroupFile.Write(group, "memory.limit_in_bytes", bytes);
            if (CgroupFile.Exists(group, "memory.memsw.limit_in_bytes"))
            {
                CgroupFile.Write(group, "memory.memsw.limit_in_bytes", bytes);
            }

            return;
        }

        CgroupFile.Write(group, "memory.max", bytes);
        if (CgroupFile.Exists(group, "memory.swap.max"))
        {
            CgroupFile.Write(group, "memory.swap.max", 0);
        }
    }
}
