using System.Collections.Concurrent;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>
/// Counts, once a second, what each process tree with <see cref="ProcessLimits.DiskBytes"/> keeps: in the mounts that it can write,
/// in files there that have no name any more but are open, and in the sandbox's temporary directory. A tree that is over
/// its limit is killed. A tree that has used no processor time since it was counted has written nothing and isn't counted
/// again, so that idle ones cost next to nothing. A count longer than a second, of hundreds of thousands of files, is followed by as long a pause.
/// </summary>
internal sealed class DiskWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<LaunchedProcess, Watched> _watched = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _loop;

    /// <summary>Watches a tree until it has gone.</summary>
    public void Watch(LaunchedProcess process, SandboxChain chain, long limit)
    {
        _watched[process] = new Watched(chain, limit);
        _ = process.Exited.ContinueWith(_ => _watched.TryRemove(process, out var _), TaskScheduler.Default);
        lock (_gate)
        {
            _loop ??= Task.Run(RunAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is not null)
        {
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private static bool IsOver(LaunchedProcess process, SandboxChain chain, long limit)
    {
        var bytes = chain.HasTemporary ? TemporaryBytes(chain.Init) : 0;
        foreach (var directory in chain.Written)
        {
            var written = ScratchTree.Measure(directory);
            if (written > limit - bytes)
            {
                return true;
            }

            bytes += written;
        }

        return bytes > limit || ScratchTree.MeasureUnlinked(process.ListProcesses()) > limit - bytes;
    }

    /// <summary>/tmp inside is a mount in a directory that nobody can write: no link of a tenant's stands on the way.</summary>
    private static unsafe long TemporaryBytes(int init)
    {
        var status = stackalloc long[15];
        return init != 0 && Libc.FileSystemStatus(string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/root/tmp"), status) == 0
            ? (status[2] - status[3]) * status[1]
            : 0;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var start = TimeProvider.System.GetTimestamp();
            foreach (var (process, watched) in _watched)
            {
                // Read before the count: what is written meanwhile is seen next time.
                var time = process.Group.CpuTime;
                if (time is not null && time == watched.CountedAt)
                {
                    continue;
                }

                watched.CountedAt = time;
                if (IsOver(process, watched.Chain, watched.Limit) && _watched.TryRemove(process, out _))
                {
                    watched.Chain.NameReason(ProcessExitReason.OutOfDisk);
                    process.KillNow();
                }
            }

            var taken = TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(taken > Interval ? taken : Interval - (taken / 2), _stop.Token).ConfigureAwait(false);
        }
    }

    private sealed class Watched(SandboxChain chain, long limit)
    {
        public SandboxChain Chain => chain;

        public long Limit => limit;

        /// <summary>The processor time that the tree had used when it was last counted.</summary>
        public TimeSpan? CountedAt { get; set; }
    }
}
