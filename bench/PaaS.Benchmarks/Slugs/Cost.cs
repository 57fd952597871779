using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PaaS.Benchmarks;

/// <summary>What something cost.</summary>
/// <param name="Wall">How long it took.</param>
/// <param name="Processor">User and system time of this process and of all children that have ended meanwhile, and of theirs.</param>
internal readonly partial record struct Cost(TimeSpan Wall, TimeSpan Processor)
{
    private const int Self = 0;
    private const int Children = -1;
    private const int ThreadClock = 3;

    public static async Task<Cost> OfAsync(Func<Task> work)
    {
        // Garbage of what came before is not this one's cost.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Used(Self) + Used(Children);
        var watch = Stopwatch.StartNew();
        await work();
        var wall = watch.Elapsed;
        return new Cost(wall, Used(Self) + Used(Children) - before);
    }

    /// <summary>What this thread has used until now, to the nanosecond: what others do on the same machine does not count.</summary>
    public static unsafe TimeSpan OfThisThread
    {
        get
        {
            var time = stackalloc long[2];
            return GetTime(ThreadClock, time) == 0 ? TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / 100) : throw new InvalidOperationException("clock_gettime failed.");
        }
    }

    private static unsafe TimeSpan Used(int who)
    {
        // struct rusage begins with user and system time: seconds and microseconds of 8 bytes each; 144 bytes in all.
        var usage = stackalloc long[18];
        return GetUsage(who, usage) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : throw new InvalidOperationException("getrusage failed.");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static unsafe partial int GetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static unsafe partial int GetUsage(int who, long* usage);
}
