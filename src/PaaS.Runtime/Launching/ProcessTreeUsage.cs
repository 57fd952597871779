using System.Globalization;

namespace PaaS.Runtime;

/// <summary>
/// Measures processes one by one, where no cgroup counts for them. Memory is the sum of their proportional shares (Pss), in which a page
/// that several have is counted once in all; of a process whose shares the host may not see, its resident size. Processor time is
/// that of the living and of the children they have waited for: what an orphan used that has ended is lost.
/// </summary>
internal static class ProcessTreeUsage
{
    /// <summary>Linux gives times to programs in hundredths of a second on every machine that .NET runs on.</summary>
    private const long TicksPerClockTick = TimeSpan.TicksPerSecond / 100;

    private const int UserTime = 11;
    private const int Threads = 17;

    /// <summary>Sums up; <see langword="null"/> if none of them is there any more.</summary>
    public static ProcessUsage? Measure(IEnumerable<int> pids)
    {
        var found = false;
        long memory = 0, swap = 0, time = 0;
        var threads = 0;
        foreach (var pid in pids)
        {
            if (Text(pid, "stat") is not { } stat || stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: > Threads } fields)
            {
                continue;
            }

            found = true;
            for (var i = UserTime; i < UserTime + 4; i++)
            {
                time += Number(fields[i]);
            }

            threads += (int)Number(fields[Threads]);
            var (resident, swapped) = Memory(pid);
            memory += resident;
            swap += swapped;
        }

        return found ? new ProcessUsage(memory, 0, swap, threads, TimeSpan.FromTicks(time * TicksPerClockTick), 0) : null;
    }

    private static (long Resident, long Swapped) Memory(int pid)
    {
        if (Text(pid, "smaps_rollup") is { } shares && Kilobytes(shares, "Pss:") is { } share)
        {
            return (share, Kilobytes(shares, "SwapPss:") ?? 0);
        }

        return Text(pid, "status") is { } status ? (Kilobytes(status, "VmRSS:") ?? 0, Kilobytes(status, "VmSwap:") ?? 0) : default;
    }

    private static long? Kilobytes(string text, string key)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line.EndsWith(" kB", StringComparison.Ordinal))
            {
                return Number(line[key.Length..^3].Trim()) * 1024;
            }
        }

        return null;
    }

    private static long Number(ReadOnlySpan<char> text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string? Text(int pid, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or is not ours to look into.
            return null;
        }
    }
}
