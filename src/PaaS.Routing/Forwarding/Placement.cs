using System.Buffers;

namespace PaaS.Routing;

/// <summary>Finds a dyno for one request, and another one when the first could not be reached; waits while there is hope.</summary>
internal sealed class Placement(IRouteTable routes, IDynoSelector selector, DynoClients clients, RouterOptions options, TimeProvider time, ContextExchange exchange)
{
    private readonly long _began = time.GetTimestamp();
    private List<DynoEndpoint>? _failed;
    private RouterError? _failure;

    /// <summary>Acquires the next dyno into <see cref="ContextExchange.Dyno"/>.</summary>
    /// <param name="cancellationToken">The client is gone.</param>
    /// <returns><see langword="null"/> if there is one, else why there is none.</returns>
    public async ValueTask<RouterError?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Read anew each time, so that a change of the app reaches a request that is still on its way to a dyno. An app that is gone by now has no web processes.
            if (routes.Find(exchange.HostKey) is not { } route)
            {
                return RouterError.NoWebProcesses;
            }

            exchange.Route = route;
            var pause = Timeout.InfiniteTimeSpan;
            switch (route.Web)
            {
                case WebState.Blank:
                    return RouterError.BlankApp;
                case WebState.None:
                    return RouterError.NoWebProcesses;
                case WebState.Crashed:
                    return RouterError.AppCrashed;
                case WebState.Idle:
                    route.Wake?.Invoke();
                    break;
                case WebState.Up when IsTooDeep(route):
                    return RouterError.BacklogTooDeep;
                case WebState.Up when TryAcquire(route.Endpoints.AsSpan(), out pause) is { } dyno:
                    exchange.Dyno = dyno;
                    return null;
                case WebState.Up when _failure is not null:
                    return _failure;
            }

            var left = options.BootWait - time.GetElapsedTime(_began);
            var quarantined = pause != Timeout.InfiniteTimeSpan;
            if (left <= TimeSpan.Zero)
            {
                return quarantined ? RouterError.AllQuarantined : RouterError.BootTimeout;
            }

            await WaitAsync(route, quarantined && pause < left ? pause : left, cancellationToken);
        }
    }

    /// <summary>The dyno could not be reached: nothing of the request was sent, so another may have it.</summary>
    /// <returns>Whether there is another attempt.</returns>
    public bool Failed(DynoEndpoint dyno, RouterError failure)
    {
        clients.Quarantine(dyno);
        _failure = failure;
        (_failed ??= []).Add(dyno);
        return _failed.Count < options.ConnectAttempts;
    }

    private bool IsTooDeep(AppRoute route)
    {
        var inFlight = 0;
        foreach (var dyno in route.Endpoints)
        {
            inFlight += dyno.InFlight;
        }

        return inFlight > 0 && inFlight >= options.MaxInFlightPerDyno * route.Endpoints.Length;
    }

    /// <summary>Ends: each turn of the loop either returns or leaves one candidate fewer.</summary>
    /// <param name="all">The dynos of the route.</param>
    /// <param name="pause">When there is none: until the first one leaves quarantine; infinite if none is in it.</param>
    private DynoEndpoint? TryAcquire(ReadOnlySpan<DynoEndpoint> all, out TimeSpan pause)
    {
        pause = Timeout.InfiniteTimeSpan;
        if (_failed is null && !clients.AnyQuarantined && selector.Choose(all, default) is { } first && first.TryAcquire())
        {
            return first;
        }

        var rented = ArrayPool<DynoEndpoint>.Shared.Rent(all.Length);
        try
        {
            var count = Candidates(all, rented, ref pause);
            while (count > 0 && selector.Choose(rented.AsSpan(0, count), default) is { } dyno)
            {
                if (dyno.TryAcquire())
                {
                    return dyno;
                }

                var at = Array.IndexOf(rented, dyno, 0, count);
                rented[at < 0 ? throw new InvalidOperationException("The dyno selector chose a dyno that is not a candidate.") : at] = rented[--count];
            }

            return null;
        }
        finally
        {
            ArrayPool<DynoEndpoint>.Shared.Return(rented, clearArray: true);
        }
    }

    private int Candidates(ReadOnlySpan<DynoEndpoint> all, DynoEndpoint[] candidates, ref TimeSpan pause)
    {
        var count = 0;
        foreach (var dyno in all)
        {
            if (dyno.Retired.IsCancellationRequested || _failed?.Contains(dyno) == true)
            {
                continue;
            }

            var left = clients.QuarantineLeft(dyno);
            if (left == TimeSpan.Zero)
            {
                candidates[count++] = dyno;
            }
            else if (pause == Timeout.InfiniteTimeSpan || left < pause)
            {
                pause = left;
            }
        }

        return count;
    }

    private async Task WaitAsync(AppRoute route, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await routes.WaitForChangeAsync(route, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up; the caller looks once more.
        }
    }
}
