using System.Net;

namespace PaaS.Core;

/// <summary>
/// A started process together with everything it has started since. Disposing it kills the whole tree and
/// returns when nothing of it is left.
/// </summary>
public abstract class ProcessHandle : IAsyncDisposable
{
    /// <summary>The operating system's id of the first process.</summary>
    public abstract int Id { get; }

    /// <summary>The address under which the host reaches the process's own network; <see langword="null"/> if it is in the host's.</summary>
    public virtual IPAddress? Address => null;

    /// <summary>Completes when the first process has ended; never faults and is never cancelled.</summary>
    public abstract Task<ProcessExit> Exited { get; }

    /// <summary>The process's standard input. Disposing it ends the input; a terminal has no end but the user's Ctrl-D.</summary>
    /// <exception cref="InvalidOperationException">The spec did not ask for it.</exception>
    public abstract Stream Input { get; }

    /// <summary>What the process writes. Read it always: a full pipe stops the process.</summary>
    public abstract Stream Output { get; }

    /// <summary>Standard error, if the spec asked for a pipe of its own.</summary>
    /// <exception cref="InvalidOperationException">The spec did not ask for it.</exception>
    public abstract Stream Error { get; }

    /// <summary>Changes the size of the process's terminal; it gets SIGWINCH.</summary>
    /// <param name="size">The new size.</param>
    /// <exception cref="InvalidOperationException">The spec did not ask for a terminal.</exception>
    public virtual void Resize(TerminalSize size) => throw new InvalidOperationException($"The process has no terminal: its {nameof(ProcessSpec)} did not set {nameof(ProcessSpec.Terminal)}.");

    /// <summary>Measures the tree now; <see langword="null"/> if nothing of it is left or this system cannot tell.</summary>
    public virtual ProcessUsage? Measure() => null;

    /// <summary>The ids of all processes of the tree that are alive now.</summary>
    public abstract IReadOnlyList<int> ListProcesses();

    /// <summary>Sends a signal to every process of the tree, as Heroku does with SIGTERM.</summary>
    /// <param name="signal">The signal.</param>
    public abstract void SignalAll(ProcessSignal signal);

    /// <summary>Kills every process of the tree and returns when none is left.</summary>
    /// <param name="cancellationToken">Gives up the wait; the kill has been sent all the same.</param>
    public abstract ValueTask KillTreeAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>The signals the platform sends.</summary>
public enum ProcessSignal
{
    /// <summary>The connection of an attached process was lost (1).</summary>
    HangUp = 1,

    /// <summary>Ctrl-C (2).</summary>
    Interrupt = 2,

    /// <summary>End at once, cannot be caught (9).</summary>
    Kill = 9,

    /// <summary>Please end (15).</summary>
    Terminate = 15,
}

/// <summary>How a process ended.</summary>
/// <param name="Status">The status as the shell gives it: the exit code, or 128 + the signal's number.</param>
/// <param name="Reason">Whether a limit of the launcher's ended it.</param>
public readonly record struct ProcessExit(int Status, ProcessExitReason Reason = ProcessExitReason.Ended)
{
    /// <summary>How many processes of its tree had been killed for <see cref="ProcessLimits.MemoryBytes"/>; it may have ended by itself all the same. 0 where that is not counted.</summary>
    public int OutOfMemoryKills { get; init; }

    /// <summary>Whether it ended with status 0.</summary>
    public bool Succeeded => Status == 0;
}

/// <summary>What ended a process.</summary>
public enum ProcessExitReason
{
    /// <summary>Itself, or a signal.</summary>
    Ended,

    /// <summary>The tree came over <see cref="ProcessLimits.MemoryBytes"/> and the process was killed for it.</summary>
    OutOfMemory,

    /// <summary>The tree came over <see cref="ProcessLimits.DiskBytes"/>.</summary>
    OutOfDisk,
}

/// <summary>What a process tree uses at one moment.</summary>
/// <param name="MemoryBytes">Memory in bytes without page cache that could be dropped at once.</param>
/// <param name="CacheBytes">Page cache in bytes that could be dropped at once and is not in <paramref name="MemoryBytes"/>; 0 where no cgroup counts it.</param>
/// <param name="SwapBytes">Swap in bytes.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="CpuTime">Processor time used so far.</param>
/// <param name="OutOfMemoryKills">How many of its processes have been killed for <see cref="ProcessLimits.MemoryBytes"/> so far.</param>
public sealed record ProcessUsage(long MemoryBytes, long CacheBytes, long SwapBytes, int Processes, TimeSpan CpuTime, int OutOfMemoryKills);

/// <summary>The operating system, or a missing tool, kept a process from starting.</summary>
public sealed class ProcessStartException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was to be started, why it failed, and how to mend it.</param>
    public ProcessStartException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was to be started, why it failed, and how to mend it.</param>
    /// <param name="innerException">The cause.</param>
    public ProcessStartException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
