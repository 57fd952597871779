using System.Globalization;
using System.Runtime.InteropServices;

namespace PaaS.Benchmarks;

/// <summary>A process and all that descend from it, as <c>/proc</c> has them.</summary>
/// <param name="root">The process.</param>
internal sealed partial class ProcessTree(int root)
{
    private const double TicksPerSecond = 100;
    private const int Terminated = 15;

    /// <summary>User and system time in seconds.</summary>
    public double Processor => Members().Sum(static id => ReadText(id, "stat") is { } text && text[(text.LastIndexOf(')') + 2)..].Split(' ') is var fields
        ? (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond
        : 0);

    /// <summary>Resident memory in KiB; pages that several share count for each.</summary>
    public long ResidentKiB => Members().Sum(static id => ReadText(id, "status")?.Split('\n').FirstOrDefault(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal)) is { } line
        ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        : 0);

    /// <summary>Asks the root to end (SIGTERM).</summary>
    public void Terminate() => _ = Kill(root, Terminated);

    private List<int> Members()
    {
        List<int> members = [root];
        for (var i = 0; i < members.Count; i++)
        {
            var id = members[i];
            foreach (var task in Directory.Exists(Path(id, "task")) ? Directory.GetDirectories(Path(id, "task")) : [])
            {
                members.AddRange((ReadText(id, $"task/{System.IO.Path.GetFileName(task)}/children") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text => int.Parse(text, CultureInfo.InvariantCulture)));
            }
        }

        return members;
    }

    private static string Path(int id, string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}");

    private static string? ReadText(int id, string file)
    {
        try
        {
            return File.ReadAllText(Path(id, file));
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
