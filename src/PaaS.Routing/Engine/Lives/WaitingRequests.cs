using System.Collections.Concurrent;

namespace PaaS.Routing;

/// <summary>How many requests of each app wait for a dyno. Safe for threads.</summary>
internal sealed class WaitingRequests
{
    private readonly ConcurrentDictionary<AppId, int> _counts = new();

    /// <summary>One more, if there are fewer than <paramref name="max"/>.</summary>
    public bool TryEnter(AppId app, int max)
    {
        while (true)
        {
            var count = _counts.GetOrAdd(app, 0);
            if (count >= max)
            {
                return false;
            }

            if (_counts.TryUpdate(app, count + 1, count))
            {
                return true;
            }
        }
    }

    /// <summary>One fewer.</summary>
    public void Leave(AppId app)
    {
        while (true)
        {
            var count = _counts[app];
            if (count > 1 ? _counts.TryUpdate(app, count - 1, count) : _counts.TryRemove(new(app, count)))
            {
                return;
            }
        }
    }
}
