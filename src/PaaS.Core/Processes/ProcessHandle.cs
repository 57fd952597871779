namespace PaaS.Core;

/// <summary>
/// A started process together with everything it has started since. Disposing it kills the whole tree and
/// returns when nothing of it is left.
/// </summary>
public abstract class ProcessHandle : IAsyncDisposable
{
    /// <summary>The operating system's id of the first process.</summary>
    public abstract int Id { get; }

    /// <summary>Completes when the first process has ended; never faults and is never cancelled.</summary>
    public abstract Task<ProcessExit> Exited { get; }

    /// <summary>The process's standard input.</summary>
    /// <exception cref="InvalidOperationException">The spec did not ask for it.</exception>
    public abstract Stream Input { get; }

    /// <summary>What the process writes. Read it always: a full pipe stops the process.</summary>
    public abstract Stream Output { get; }

    /// <summary>Standard error, if the spec asked for a pipe of its own.</summary>
    /// <exception cref="InvalidOperationException">The spec did not ask for it.</exception>
    public abstract Stream Error { get; }

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
public readonly record struct ProcessExit(int Status)
{
    /// <summary>Whether it ended with status 0.</summary>
    public bool Succeeded => Status == 0;
}

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
