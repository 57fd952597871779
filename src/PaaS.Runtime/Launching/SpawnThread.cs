using System.Collections.Concurrent;

namespace PaaS.Runtime;

/// <summary>
/// The one thread that starts a launcher's processes. A process that asks to die with its parent dies with the thread
/// that started it, so this one lives as long as the launcher; and what a start changes of its thread (its namespaces)
/// concerns no other.
/// </summary>
internal sealed class SpawnThread : IDisposable
{
    private readonly BlockingCollection<Action> _starts = [];
    private readonly Thread _thread;

    public SpawnThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "PaaS process starts" };
        _thread.Start();
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
        _thread.Join();
        _starts.Dispose();
    }

    private static void Complete<T>(Func<T> start, TaskCompletionSource<T> result)
    {
        try
        {
            result.SetResult(start());
        }
#pragma warning disable CA1031 // Whatever it is, it is the caller's, and the thread goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            result.SetException(e);
        }
    }

    private void Run()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            start();
        }
    }
}
