namespace PaaS.Routing.Tests;

/// <summary>What a test must leave as it found it: the sockets and event queues of the process; and no exception that nobody has seen.</summary>
internal sealed class Leaks : IDisposable
{
    private readonly int _descriptors = Descriptors();
    private readonly List<Exception> _unobserved = [];

    public Leaks() => TaskScheduler.UnobservedTaskException += OnUnobserved;

    public async Task NoneAsync()
    {
        // A few belong to the thread pool, which grows with the first load.
        await Poll.UntilAsync(() => Descriptors() <= _descriptors + 4, () => $"{Descriptors()} sockets and event queues are open, {_descriptors} were.");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        lock (_unobserved)
        {
            Assert.True(_unobserved.Count == 0, string.Join('\n', _unobserved));
        }
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= OnUnobserved;

    /// <summary>Files are left out: the runtime opens more of them as it loads code.</summary>
    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Count(IsConnection);

    private static bool IsConnection(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, false)?.Name is { } name && (name.StartsWith("socket:", StringComparison.Ordinal) || name.StartsWith("anon_inode:", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // Closed since it was listed.
            return false;
        }
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        lock (_unobserved)
        {
            _unobserved.Add(e.Exception);
        }
    }
}
