using System.Globalization;

namespace PaaS.Runtime;

/// <summary>What <c>/proc/PID/stat</c> says of a process.</summary>
/// <param name="Id">The process id.</param>
/// <param name="State">One letter; Z is a zombie, X is dead.</param>
/// <param name="Parent">The parent's id.</param>
/// <param name="Session">The session's id: the id of the process that made it.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="StartTime">When it started, in clock ticks since boot: with the id, it tells a process from a later one of the same number.</param>
internal readonly record struct ProcessStat(int Id, char State, int Parent, int Session, int Threads, long StartTime)
{
    /// <summary>Whether it can still do anything. One whose first thread has ended looks like a zombie while others of its threads live.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x') || Threads > 1;

    /// <summary>Reads it; <see langword="null"/> if there is no such process.</summary>
    public static ProcessStat? Read(int pid)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked: ENOENT before the file is opened, ESRCH after.
            return null;
        }
    }

    /// <summary>The host's own children, whichever of its threads has started them.</summary>
    public static IEnumerable<ProcessStat> ReadChildren()
    {
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            foreach (var id in (CgroupFile.Read(thread, "children") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } stat)
                {
                    yield return stat;
                }
            }
        }
    }

    /// <summary>Parses a line. The name in brackets may hold anything, brackets and blanks too: the last bracket counts.</summary>
    public static ProcessStat? Parse(string line)
    {
        var bracket = line.LastIndexOf(')');
        var open = line.IndexOf('(', StringComparison.Ordinal);
        if (bracket < 0 || open < 2 || bracket + 2 >= line.Length)
        {
            return null;
        }

        var fields = line[(bracket + 2)..].Split(' ');
        return fields.Length > 19
            && int.TryParse(line.AsSpan(0, open - 1), CultureInfo.InvariantCulture, out var id)
            && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent)
            && int.TryParse(fields[3], CultureInfo.InvariantCulture, out var session)
            && int.TryParse(fields[17], CultureInfo.InvariantCulture, out var threads)
            && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var start)
            ? new ProcessStat(id, fields[0][0], parent, session, threads, start)
            : null;
    }

    /// <summary>Every process of the machine that this user may see.</summary>
    public static IEnumerable<ProcessStat> ReadAll()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } stat)
            {
                yield return stat;
            }
        }
    }
}
