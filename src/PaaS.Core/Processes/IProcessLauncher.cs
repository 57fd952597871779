namespace PaaS.Core;

/// <summary>
/// The one door to the operating system's processes. Builds, dynos, one-offs and the host's own tools
/// all start through it, so that isolation, accounting and clean-up are decided in one place.
/// </summary>
public interface IProcessLauncher
{
    /// <summary>What keeps the processes of this launcher apart from the machine and from each other.</summary>
    ProcessIsolation Isolation { get; }

    /// <summary>Starts a process and returns a handle that owns its whole tree.</summary>
    /// <param name="spec">What to start and under which limits.</param>
    /// <param name="cancellationToken">Cancels the start; a process that has already begun is killed with its tree.</param>
    /// <exception cref="ProcessStartException">The operating system refused to start it.</exception>
    ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, CancellationToken cancellationToken = default);
}
