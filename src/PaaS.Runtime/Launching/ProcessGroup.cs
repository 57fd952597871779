namespace PaaS.Runtime;

/// <summary>Everything that a process has started, however it hides: how to find it, signal it, kill it.</summary>
internal abstract class ProcessGroup
{
    /// <summary>The path of the cgroup by which the group is killed, if it has one.</summary>
    public abstract string? CgroupPath { get; }

    /// <summary>The paths of its further cgroups, which limit and count.</summary>
    public virtual IReadOnlyList<string> ControllerPaths => [];

    /// <summary>How many of its processes the kernel has killed for their memory limit; 0 also where nothing counts them.</summary>
    public virtual int OutOfMemoryKills => 0;

    /// <summary>The processor time that all of it has used so far; <see langword="null"/> where no single count tells.</summary>
    public virtual TimeSpan? CpuTime => null;

    /// <summary>Whether nothing of the group is alive.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>Takes in a process that has started nothing yet.</summary>
    /// <exception cref="ProcessStartException">The system refused.</exception>
    public abstract void Join(int pid);

    /// <summary>The processes of the group that are alive now. Zombies are not.</summary>
    public abstract IReadOnlyList<int> List();

    /// <summary>Whether a process that has ended, and whose session has another number than the group's, was of the group.</summary>
    public virtual bool Had(int pid) => false;

    /// <summary>Kills what is there now. Call it until <see cref="IsEmpty"/>.</summary>
    public abstract void Kill();

    /// <summary>What it uses now; <see langword="null"/> if nothing of it is alive.</summary>
    public virtual ProcessUsage? Measure() => ProcessTreeUsage.Measure(List());

    /// <summary>Takes away what the group needed, once it is empty.</summary>
    /// <returns>Whether nothing of it is left.</returns>
    public abstract ValueTask<bool> RemoveAsync();

    /// <summary>Sends a signal to every process; twice over, for those forked in between, but to none twice.</summary>
    /// <param name="signal">Its number.</param>
    /// <param name="spare">Whether a process is to get none.</param>
    public void Signal(int signal, Func<int, bool> spare)
    {
        var signalled = new HashSet<int>();
        for (var pass = 0; pass < 2; pass++)
        {
            SignalOnce(signal, signalled, spare);
        }
    }

    /// <summary>Waits until nothing is alive, killing again what was forked in between.</summary>
    public async Task KillAllAsync()
    {
        // The kernel needs a moment to end a process; there is no clock of ours in it.
        for (var wait = 1; !IsEmpty; wait = Math.Min(wait * 2, 50))
        {
            Kill();
            await Task.Delay(wait).ConfigureAwait(false);
        }
    }

    /// <summary>A number read from a list may belong to a stranger by the time it is signalled; a descriptor opened in between, and seen to be of the group afterwards, can't.</summary>
    private void SignalOnce(int signal, HashSet<int> signalled, Func<int, bool> spare)
    {
        var open = new Dictionary<int, int>();
        try
        {
            foreach (var pid in List())
            {
                if (!signalled.Contains(pid) && !spare(pid) && Libc.OpenProcess(pid) is >= 0 and var descriptor)
                {
                    open.Add(pid, descriptor);
                }
            }

            foreach (var pid in List())
            {
                if (open.TryGetValue(pid, out var descriptor))
                {
                    Libc.Signal(descriptor, signal);
                    signalled.Add(pid);
                }
            }
        }
        finally
        {
            foreach (var descriptor in open.Values)
            {
                _ = Libc.Close(descriptor);
            }
        }
    }
}
