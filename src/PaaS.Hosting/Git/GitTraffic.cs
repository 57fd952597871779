using System.Collections.Concurrent;

namespace PaaS.Hosting;

/// <summary>What goes on in the apps' repositories now.</summary>
internal sealed class GitTraffic(int requestsPerApp)
{
    private readonly ConcurrentDictionary<AppId, AppTraffic> _apps = new();

    /// <summary>Counts a request in.</summary>
    /// <returns>Null when the app has as many as it may.</returns>
    public AppTraffic.Place? TryEnter(AppId app) => _apps.GetOrAdd(app, _ => new AppTraffic(requestsPerApp)).TryEnter();
}

/// <summary>One app's requests, and the place of the one push that is allowed to land.</summary>
internal sealed class AppTraffic(int limit)
{
    private int _requests;

    /// <summary>Held by a push from the moment its turn to build has come until git has moved its ref, or has refused it.</summary>
    public SemaphoreSlim Landing { get; } = new(1, 1);

    public Place? TryEnter()
    {
        if (Interlocked.Increment(ref _requests) <= limit)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _requests);
        return null;
    }

    /// <summary>One request.</summary>
    public sealed class Place(AppTraffic traffic) : IDisposable
    {
        private int _left;

        public AppTraffic Traffic => traffic;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref traffic._requests);
            }
        }
    }
}
