using System.Collections.Concurrent;

namespace PaaS.Runtime;

/// <summary>
/// The one thread that starts a launcher's processes. A process that asks to die with its parent dies with the thread
/// that started it, so this one lives as long as the launcher; and what a start changes of its thread (its namespaces)
/// concerns no other. One that could not return from a process's namespaces starts nothing more: it only lives on, and another takes
/// its place.
/// </summary>
internal sealed class SpawnThread : IDisposable
{
    private readonly BlockingCollection<Func<Action?>> _starts = [];
    private readonly ManualResetEventSlim _end = new();
    private readonly List<Thread> _lost = [];
    private readonly Thread _keeper;

    public SpawnThread()
    {
        _keeper = new Thread(Keep) { IsBackground = true, Name = "PaaS process starts, keeper" };
        _keeper.Start();
    }

    /// <summary>Runs something on the thread.</summary>
    /// <exception cref="ObjectDisposedException">The thread has ended.</exception>
    public Task<T> RunAsync<T>(Func<T> start)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _starts.Add(() => Complete(start, result));
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The launcher has ended.", e);
        }

        return result.Task;
    }

    /// <summary>Ends the thread once it has done what it was given. Everything that it started must have ended before.</summary>
    public void Dispose()
    {
        _starts.CompleteAdding();
        _keeper.Join();
        _end.Set();
        _lost.ForEach(static thread => thread.Join());
        _end.Dispose();
        _starts.Dispose();
    }

    private static Action? Complete<T>(Func<T> start, TaskCompletionSource<T> result)
    {
        try
        {
            result.SetResult(start());
        }
        catch (NamespacesLostException e)
        {
            // Not here: the thread pool's workers would be born into the namespaces of the thread that wakes them.
            return () => result.SetException(e);
        }
#pragma warning disable CA1031 // Whatever it is, it is the caller's, and the thread goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            result.SetException(e);
        }

        return null;
    }

    /// <summary>Starts the thread, and another whenever one is lost: it has to be done from the host's namespaces.</summary>
    private void Keep()
    {
        while (true)
        {
            Action? tell = null;
            using var ended = new ManualResetEventSlim();
            var thread = new Thread(() => Run(ended, ref tell)) { IsBackground = true, Name = "PaaS process starts" };
            thread.Start();
            ended.Wait();
            if (tell is null)
            {
                thread.Join();
                return;
            }

            _lost.Add(thread);
            tell();
        }
    }

    private void Run(ManualResetEventSlim ended, ref Action? tell)
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            if (start() is { } lost)
            {
                tell = lost;
                ended.Set();
                _end.Wait();
                return;
            }
        }

        ended.Set();
    }
}
