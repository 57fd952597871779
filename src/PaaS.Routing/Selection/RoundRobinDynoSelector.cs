using System.Collections.Concurrent;

namespace PaaS.Routing;

/// <summary>
/// Takes an app's dynos in turn. Each app has a turn of its own: with one for all, apps whose requests alternate would always meet the same dynos. When
/// dynos come, go or are left out, the turn goes on at the same place of the list that is left.
/// </summary>
public sealed class RoundRobinDynoSelector : IDynoSelector
{
    /// <summary>So many apps have a turn; then all begin anew, so that apps that are gone take no memory for good.</summary>
    private const int MaxApps = 10_000;

    private readonly ConcurrentDictionary<AppId, Turn> _turns = new();
    private int _apps;

    /// <inheritdoc/>
    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request)
    {
        if (candidates.Length < 2)
        {
            return candidates.IsEmpty ? null : candidates[0];
        }

        var app = request.Route.App;
        if (!_turns.TryGetValue(app, out var turn))
        {
            if (Interlocked.Increment(ref _apps) > MaxApps)
            {
                _turns.Clear();
                Volatile.Write(ref _apps, 1);
            }

            turn = _turns.GetOrAdd(app, static _ => new Turn());
        }

        return candidates[(int)(turn.Next() % (uint)candidates.Length)];
    }

    private sealed class Turn
    {
        private uint _next = uint.MaxValue;

        public uint Next() => Interlocked.Increment(ref _next);
    }
}
