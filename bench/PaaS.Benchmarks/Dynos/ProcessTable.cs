using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>A process of the machine, as <c>/proc</c> has it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">Its parent's.</param>
/// <param name="Name">The program's name, cut at 15 characters.</param>
/// <param name="Cpu">The processor time it has used.</param>
internal readonly record struct ProcessEntry(int Id, int Parent, string Name, TimeSpan Cpu)
{
    public bool IsOfDocker => Name.StartsWith("containerd-shim", StringComparison.Ordinal) || Name == "docker-proxy";
}

/// <summary>All processes of the machine.</summary>
internal static class ProcessTable
{
    private const int TicksPerSecond = 100;

    /// <summary>Whether a process descends from this one, at this moment.</summary>
    public static Func<ProcessEntry, bool> BelowThis()
    {
        var all = ReadAll();
        HashSet<int> below = [Environment.ProcessId];
        bool grown;
        do
        {
            grown = false;
            foreach (var process in all.Where(p => below.Contains(p.Parent)))
            {
                grown |= below.Add(process.Id);
            }
        }
        while (grown);

        below.Remove(Environment.ProcessId);
        return process => below.Contains(process.Id);
    }

    /// <summary>The memory of some processes in bytes, where each page that several share counts by its part.</summary>
    public static long PssOf(Func<ProcessEntry, bool> which) => ReadAll().Where(which).Sum(static process => Pss(process.Id));

    /// <summary>The processor time of this process, and of all that descend from it.</summary>
    public static (TimeSpan This, TimeSpan Below) CpuOfThisAndBelow()
    {
        var below = BelowThis();
        var all = ReadAll();
        return (all.Single(static p => p.Id == Environment.ProcessId).Cpu, all.Where(below).Aggregate(TimeSpan.Zero, static (sum, p) => sum + p.Cpu));
    }

    private static List<ProcessEntry> ReadAll() =>
        [.. Directory.GetDirectories("/proc").Select(static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Read(id) : null).OfType<ProcessEntry>()];

    private static ProcessEntry? Read(int id)
    {
        if (ReadText(id, "stat") is not { } text)
        {
            return null;
        }

        // The name stands in brackets and may hold anything.
        var end = text.LastIndexOf(')');
        var fields = text[(end + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return new ProcessEntry(id, int.Parse(fields[1], CultureInfo.InvariantCulture), text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], TimeSpan.FromSeconds((double)ticks / TicksPerSecond));
    }

    private static long Pss(int id)
    {
        var line = ReadText(id, "smaps_rollup")?.Split('\n').FirstOrDefault(static l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static string? ReadText(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/{file}");
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }
}
