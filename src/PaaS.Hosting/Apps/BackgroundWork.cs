using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>Work that outlives the request that began it. It is kept, and awaited when the host stops.</summary>
internal sealed partial class BackgroundWork(ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Task> _tasks = new();
    private readonly CancellationTokenSource _stopping = new();

    public void Run(Func<CancellationToken, Task> work)
    {
        var id = Guid.NewGuid();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tasks[id] = RunAsync();
        started.SetResult();

        async Task RunAsync()
        {
            await started.Task;
            try
            {
                await work(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The host stops.
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Nobody awaits it: this is the last place where it can be told.
                Log.Failed(logger, exception);
            }
            finally
            {
                _tasks.TryRemove(id, out _);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_tasks.Values);
        _stopping.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Error, "Work in the background failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
