using System.Reflection;

namespace PaaS.EndToEnd;

/// <summary>The table of docs/isolation.md: what each launcher keeps from a tenant.</summary>
internal static class IsolationTable
{
    /// <summary>The rows whose first cell is code: <c>| `attempt` | yes | no |</c>.</summary>
    public static IReadOnlyList<(string Attempt, bool Sandbox, bool Plain)> Read()
    {
        var samples = typeof(IsolationTable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Samples").Value!;
        var rows = from line in File.ReadLines(Path.Combine(samples, "..", "docs", "isolation.md"))
                   let cells = line.Split('|', StringSplitOptions.TrimEntries)
                   where cells.Length >= 5 && cells[1].StartsWith('`') && cells[2] is "yes" or "no"
                   select (cells[1].Trim('`'), cells[2] == "yes", cells[3] == "yes");
        return [.. rows];
    }
}
