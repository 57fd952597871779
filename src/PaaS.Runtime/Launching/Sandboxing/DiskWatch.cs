using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PaaS.Runtime;

/// <summary>
/// Counts, once a second, what each process tree with <see cref="ProcessLimits.DiskBytes"/> keeps: in the mounts that it can write,
/// in files there that have no name any more but are open or mapped, and in the sandbox's temporary directory. A tree that is over
/// its limit is killed. A tree that has used no processor time since it was counted has written nothing and isn't counted
/// again, so that idle ones cost next to nothing. Each is counted apart from the others, and no further than to its limit; a count
/// longer than a second is followed by as long a pause.
/// </summary>
internal sealed partial class DiskWatch(ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<LaunchedProcess, Task> _watches = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Watches a tree until it has gone.</summary>
    public void Watch(LaunchedProcess process, SandboxChain chain, long limit)
    {
        var stop = _stop.Token;
        _watches[process] = Task.Run(() => RunAsync(process, chain, limit, stop), CancellationToken.None);
        _ = process.Exited.ContinueWith(_ => _watches.TryRemove(process, out var _), TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_watches.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static bool IsOver(LaunchedProcess process, SandboxChain chain, long limit)
    {
        var bytes = chain.HasTemporary ? TemporaryBytes(chain.Init) : 0;
        foreach (var directory in chain.Written)
        {
            if (bytes > limit)
            {
                return true;
            }

            var written = ScratchTree.Measure(directory, limit - bytes);
            if (written > limit - bytes)
            {
                return true;
            }

            bytes += written;
        }

        return bytes > limit || UnlinkedFiles.Measure(process.ListProcesses(), chain.Written) > limit - bytes;
    }

    /// <summary>/tmp inside is a mount in a directory that nobody can write: no link of a tenant's stands on the way.</summary>
    private static unsafe long TemporaryBytes(int init)
    {
        var status = stackalloc long[15];
        return init != 0 && Libc.FileSystemStatus(string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/root/tmp"), status) == 0
            ? (status[2] - status[3]) * status[1]
            : 0;
    }

    private async Task RunAsync(LaunchedProcess process, SandboxChain chain, long limit, CancellationToken stop)
    {
        TimeSpan? counted = null;
        var failed = false;
        while (!process.Exited.IsCompleted)
        {
            var start = TimeProvider.System.GetTimestamp();
            try
            {
                // Read before the count: what is written meanwhile is seen next time.
                var time = process.Group.CpuTime;
                if (time is null || time != counted)
                {
                    if (IsOver(process, chain, limit))
                    {
                        chain.NameReason(ProcessExitReason.OutOfDisk);
                        process.KillNow();
                    }

                    counted = time;
                }

                failed = false;
            }
#pragma warning disable CA1031 // Most often the host is short of descriptors. A watch that ends would be a limit that holds no more.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!failed)
                {
                    Log.NotCounted(logger, e, process.Id);
                }

                failed = true;
            }

            var taken = TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(taken > Interval ? taken : Interval - (taken / 2), stop).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3501, LogLevel.Warning, "What process {Process} and its tree have written could not be counted; it is tried again each second, and until then its disk limit doesn't hold.", EventName = "DiskNotCounted")]
        public static partial void NotCounted(ILogger logger, Exception exception, int process);
    }
}
