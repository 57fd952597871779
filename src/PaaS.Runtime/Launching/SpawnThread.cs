using System.Collections.Concurrent;

namespace PaaS.Runtime;

/// <summary>
/// The one thread that starts a launcher's processes. A process that asks to die with its parent dies with the thread
/// that started it, so this one lives as long as the launcher; and what a start changes of its thread (its namespaces, its working
/// directory) concerns no other: nothing is told from here, since the thread pool's workers would be born with what is changed.
/// One that could not return from a process's namespaces starts nothing more: it only lives on, and another takes its place.
/// </summary>
internal sealed class SpawnThread : IDisposable
{
    private readonly BlockingCollection<Func<Outcome>> _starts = [];
    private readonly BlockingCollection<Outcome> _outcomes = [];
    private readonly ManualResetEventSlim _end = new();
    private readonly List<Thread> _lost = [];
    private readonly Thread _keeper;

    public SpawnThread()
    {
        _keeper = new Thread(Keep) { IsBackground = true, Name = "PaaS process starts, keeper" };
        _keeper.Start();
    }

    /// <summary>What comes after a start.</summary>
    private enum Next
    {
        Start,
        AnotherThread,
        Nothing,
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
        _outcomes.Dispose();
    }

    private static Outcome Complete<T>(Func<T> start, TaskCompletionSource<T> result)
    {
        try
        {
            var value = start();
            return new Outcome(() => result.SetResult(value), Next.Start);
        }
#pragma warning disable CA1031 // Whatever it is, it is the caller's, and the thread goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Outcome(() => result.SetException(e), e is NamespacesLostException ? Next.AnotherThread : Next.Start);
        }
    }

    /// <summary>Starts the thread, and another whenever one is lost, and tells what came of each start.</summary>
    private void Keep()
    {
        var thread = Begin();
        foreach (var outcome in _outcomes.GetConsumingEnumerable())
        {
            if (outcome.Next == Next.Nothing)
            {
                thread.Join();
                return;
            }

            if (outcome.Next == Next.AnotherThread)
            {
                _lost.Add(thread);
                thread = Begin();
            }

            outcome.Tell();
        }
    }

    private Thread Begin()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "PaaS process starts" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            var outcome = start();
            _outcomes.Add(outcome);
            if (outcome.Next == Next.AnotherThread)
            {
                _end.Wait();
                return;
            }
        }

        _outcomes.Add(new Outcome(static () => { }, Next.Nothing));
    }

    /// <summary>What came of a start.</summary>
    /// <param name="Tell">Tells whoever wanted it.</param>
    /// <param name="Next">What comes after it.</param>
    private sealed record Outcome(Action Tell, Next Next);
}
