using System.Globalization;
using System.Text;

namespace PaaS.EndToEnd;

/// <summary>A process as the machine sees it from outside every sandbox.</summary>
internal sealed class OutsideProcess(int id, string[] environment, string[] status, string groups)
{
    public int Id => id;

    /// <summary>Its number in the innermost process namespace it is in: its own view.</summary>
    public int InnermostId => int.Parse(Status("NSpid").Split('\t')[^1], CultureInfo.InvariantCulture);

    /// <summary>The user that it is outside of every sandbox.</summary>
    public int UserId => int.Parse(Status("Uid").Split('\t')[0], CultureInfo.InvariantCulture);

    /// <summary>The text of its cgroup file.</summary>
    public string Groups => groups;

    public string? Variable(string name) => environment.FirstOrDefault(pair => pair.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private string Status(string name) => status.First(line => line.StartsWith($"{name}:\t", StringComparison.Ordinal))[(name.Length + 2)..];
}

/// <summary>What runs on this machine.</summary>
internal static class Processes
{
    /// <summary>Every process that is not a zombie.</summary>
    public static IEnumerable<OutsideProcess> All()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(directory, id) is { } process)
            {
                yield return process;
            }
        }
    }

    /// <summary>The names of the dynos that a host runs now, once for each process that is a dyno's command or its child.</summary>
    public static List<string> DynosOf(RunningHost host)
    {
        var mark = $"/paas/{host.Id}/";
        return [.. All().Where(process => process.Groups.Contains(mark, StringComparison.Ordinal)).Select(static process => process.Variable("DYNO")).OfType<string>()];
    }

    private static OutsideProcess? Read(string directory, int id)
    {
        try
        {
            var status = File.ReadAllLines(Path.Combine(directory, "status"));
            var environment = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(directory, "environ"))).Split('\0');
            return new OutsideProcess(id, environment, status, File.ReadAllText(Path.Combine(directory, "cgroup")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or cannot be looked at: it is none of a host's.
            return null;
        }
    }
}
