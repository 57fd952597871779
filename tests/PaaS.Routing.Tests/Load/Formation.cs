using System.Diagnostics;

namespace PaaS.Routing.Tests;

/// <summary>The dynos of an app under load: some come, some are drained as a runtime drains them, and other apps change beside it.</summary>
internal sealed class Formation : IAsyncDisposable
{
    private readonly SafetyRouter _router;
    private readonly List<KestrelDyno> _up = [];
    private readonly List<DynoEndpoint> _all = [];
    private readonly List<Task> _draining = [];
    private readonly Random _random = new(1);
    private int _number;

    private Formation(SafetyRouter router) => _router = router;

    /// <summary>How many dynos were drained and stopped.</summary>
    public int Drained => _draining.Count;

    public static async Task<Formation> StartAsync(SafetyRouter router)
    {
        var formation = new Formation(router);
        for (var i = 0; i < 3; i++)
        {
            await formation.AddAsync();
        }

        return formation;
    }

    /// <summary>Changes the table so many times, spread over a time. Every tenth change is of the app's own dynos.</summary>
    public async Task<int> ChangeAsync(int count, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            if (i % 10 == 0 && (_up.Count < 3 || (_up.Count < 6 && _random.Next(2) == 0)))
            {
                await AddAsync();
            }
            else if (i % 10 == 0)
            {
                Drain(_up[_random.Next(_up.Count)]);
            }
            else if (_random.Next(3) == 0)
            {
                // The same dynos in another order: another snapshot.
                _router.Up([.. _up.OrderBy(_ => _random.Next()).Select(dyno => dyno.Endpoint)]);
            }
            else
            {
                Neighbour($"app-{_random.Next(50)}");
            }

            var due = time * ((i + 1.0) / count);
            if (due > watch.Elapsed)
            {
                await Task.Delay(due - watch.Elapsed);
            }
        }

        return count;
    }

    /// <summary>All that were retired have let their last request go, and nothing is in flight anywhere.</summary>
    public async Task DrainedAsync()
    {
        await Task.WhenAll(_draining);
        await Poll.UntilAsync(() => _all.TrueForAll(endpoint => endpoint.InFlight == 0), () => $"In flight: {string.Join(", ", _all.Where(endpoint => endpoint.InFlight != 0).Select(endpoint => $"{endpoint.Label} {endpoint.InFlight}"))}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dyno in _up)
        {
            await dyno.DisposeAsync();
        }
    }

    private async Task AddAsync()
    {
        var dyno = await LoadDyno.StartAsync(++_number);
        _up.Add(dyno);
        _all.Add(dyno.Endpoint);
        Publish();
    }

    /// <summary>Out of the table, then retired; when its last request has ended, nobody listens any more.</summary>
    private void Drain(KestrelDyno dyno)
    {
        _up.Remove(dyno);
        Publish();
        dyno.Endpoint.Retire();
        _draining.Add(StopAsync(dyno));
    }

    private static async Task StopAsync(KestrelDyno dyno)
    {
        await dyno.Endpoint.Drained.WaitAsync(Limit.Unexpected);
        await dyno.DisposeAsync();
    }

    private void Publish() => _router.Up([.. _up.Select(dyno => dyno.Endpoint)]);

    private void Neighbour(string name)
    {
        var route = new AppRoute(AppId.New(), AppName.Parse(name), [$"{name}.example.com"], WebState.None, [], _router.Logs);
        _router.Routes.Set(route);
        if (_random.Next(2) == 0)
        {
            _router.Routes.Remove(route.App);
        }
    }
}
