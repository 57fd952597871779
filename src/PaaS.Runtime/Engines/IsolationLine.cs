namespace PaaS.Runtime;

/// <summary>Says in a dyno's start lines what its machine can't enforce.</summary>
internal static class IsolationLine
{
    // That a dyno ends with its host is for the operator to know: to the dyno it makes no difference.
    private static readonly (ProcessIsolation Flag, string Words)[] Parts =
    [
        (ProcessIsolation.Users, "user of its own"),
        (ProcessIsolation.Processes, "processes of its own"),
        (ProcessIsolation.Files, "files of its own"),
        (ProcessIsolation.Network, "network of its own"),
        (ProcessIsolation.SystemCalls, "filter of system calls"),
        (ProcessIsolation.Memory, "memory limit"),
        (ProcessIsolation.Cpu, "CPU share"),
        (ProcessIsolation.ProcessCount, "process limit"),
        (ProcessIsolation.Disk, "disk limit"),
        (ProcessIsolation.Tree, "certain end of all its processes"),
    ];

    /// <summary>The line; <see langword="null"/> if nothing is missing.</summary>
    /// <param name="has">What the machine enforces.</param>
    /// <param name="userId">The dyno's own user id, if it has one.</param>
    public static string? Of(ProcessIsolation has, int? userId)
    {
        has &= userId is null ? ~ProcessIsolation.Users : has;
        var missing = Parts.Where(part => !has.HasFlag(part.Flag)).Select(static part => part.Words).ToArray();
        return missing.Length == 0 ? null : $"Isolation is weak on this machine: no {string.Join(", no ", missing)}";
    }
}
