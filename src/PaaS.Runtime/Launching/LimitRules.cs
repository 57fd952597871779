namespace PaaS.Runtime;

/// <summary>Limits that can be set, and under which a command gets as far as to run.</summary>
internal static class LimitRules
{
    /// <summary>What the start itself needs before the command has run.</summary>
    private const long LeastMemory = 4L << 20;

    private const int LeastShares = 2;
    private const int MostShares = 262_144;

    /// <summary>What is wrong with limits, in words that follow "can't be started:"; <see langword="null"/> if nothing is.</summary>
    public static string? Problem(ProcessLimits limits) =>
        limits.Niceness is < 0 or > 19 ? $"its niceness {limits.Niceness} is not between 0 and 19"
        : limits.OpenFiles is < 3 ? $"its limit of {limits.OpenFiles} open files is below 3, which its input and output take"
        : limits.Processes is < 1 ? $"its limit of {limits.Processes} processes is below 1"
        : limits.MemoryBytes is < LeastMemory ? $"its memory limit of {limits.MemoryBytes} bytes is below {LeastMemory}, which the start itself needs"
        : limits.FileSizeBytes is < 0 ? $"its file size limit {limits.FileSizeBytes} is negative"
        : limits.CpuShares is < LeastShares or > MostShares ? $"its CPU shares {limits.CpuShares} are not between {LeastShares} and {MostShares}"
        : limits.DiskBytes is < 0 ? $"its disk limit {limits.DiskBytes} is negative"
        : null;
}
