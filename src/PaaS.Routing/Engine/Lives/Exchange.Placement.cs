using System.Buffers;

namespace PaaS.Routing;

/// <summary>Finds a dyno for the request, and another one when the first could not be reached; waits while there is hope.</summary>
internal sealed partial class Exchange
{
    private CancellationTokenSource? _wait;
    private bool _isEntered;
    private long _waitBegan;
    private long _attemptBegan;
    private int _candidates;
    private int _left;

    /// <summary>The connection to the dyno stands.</summary>
    public void OnConnected()
    {
        var now = _lane.Now;
        AddConnecting(now, AttemptOutcome.Connected);
        Use(isReused: false);
        Flush();
    }

    /// <summary>Nothing of the request was sent, so another dyno may have it.</summary>
    public void OnConnectFailed(ConnectFailure failure)
    {
        _half!.Detach();
        _half = null;
        ConnectFailed(failure);
    }

    private void OnConnectTimeout()
    {
        AbandonConnection();
        ConnectFailed(ConnectFailure.TimedOut);
    }

    private void ConnectFailed(ConnectFailure failure)
    {
        var engine = _lane.Engine;
        var dyno = Facts.Dyno!;
        if (failure == ConnectFailure.Lack)
        {
            // Another dyno would need as much, and none is to be left alone for it.
            AddConnecting(_lane.Now, AttemptOutcome.Lacked);
            Fail(RouterError.PlatformError);
            return;
        }

        var timedOut = failure == ConnectFailure.TimedOut;
        AddConnecting(_lane.Now, timedOut ? AttemptOutcome.TimedOut : AttemptOutcome.Refused);
        ReleaseDyno();
        engine.Quarantine.Add(dyno, _lane.Now);
        _failed.Add(dyno);
        _failure = timedOut ? RouterError.ConnectTimeout : RouterError.ConnectRefused;
        if (_failed.Count < engine.Options.ConnectAttempts)
        {
            Retry();
        }
        else
        {
            Fail(_failure);
        }
    }

    /// <summary>Looks at the app anew, so that a change of it reaches a request that is still on its way to a dyno.</summary>
    private void Retry()
    {
        EndWait();
        try
        {
            if (_lane.Engine.Routes.Find(_host.AsSpan(0, _hostLength)) is { } route)
            {
                Facts.Route = route;
                _settings = route.Settings;
                if (route.Maintenance)
                {
                    Fail(RouterError.Maintenance);
                }
                else if (Place(route))
                {
                    // The client half, which flushes the first attempt, is not in this call; a kept connection needs no other occasion.
                    Flush();
                }
            }
            else
            {
                // An app that is gone by now has no web processes.
                Fail(RouterError.NoWebProcesses);
            }
        }
#pragma warning disable CA1031 // As in Begin.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Broken(exception);
        }
    }

    /// <returns>Whether a kept connection has the request, which is still to be flushed. If not, the request may be over, and another lane may use this machine.</returns>
    private bool Place(AppRoute route)
    {
        var options = _lane.Engine.Options;
        var limit = _settings.BootWait ?? options.BootWait;
        var pause = 0L;
        RouterError verdict;
        switch (route.Web)
        {
            case WebState.Blank:
                Fail(RouterError.BlankApp);
                return false;
            case WebState.Crashed:
                Fail(RouterError.AppCrashed);
                return false;
            case WebState.None when _settings.Hold is null:
                Fail(RouterError.NoWebProcesses);
                return false;
            case WebState.None:
                limit = _settings.Hold.Value;
                verdict = RouterError.NoWebProcesses;
                route.Wake?.Invoke();
                break;
            case WebState.Idle:
                verdict = RouterError.BootTimeout;
                route.Wake?.Invoke();
                break;
            case WebState.Up when IsTooDeep(route):
                Fail(RouterError.BacklogTooDeep);
                return false;
            case WebState.Up when TryAcquire(route.Endpoints.AsSpan(), out pause) is { } dyno:
                Facts.Dyno = dyno;
                _hasAcquired = true;
                return Ask(dyno);
            case WebState.Up when _failure is not null && pause == 0:
                Fail(_failure);
                return false;
            default:
                // A dyno that refused once may be back when its quarantine is over.
                verdict = pause == 0 ? RouterError.BootTimeout : _failure ?? RouterError.AllQuarantined;
                break;
        }

        Wait(route, Facts.Began + Ticks(limit) - _lane.Now, pause, verdict);
        return false;
    }

    private void Wait(AppRoute route, long left, long pause, RouterError verdict)
    {
        var engine = _lane.Engine;
        if (left <= 0)
        {
            Fail(verdict);
            return;
        }

        if (!engine.Waiting.TryEnter(route.App, engine.Options.MaxWaitingPerApp))
        {
            Fail(RouterError.BacklogTooDeep);
            return;
        }

        _stage = Stage.Waiting;
        _isEntered = true;
        _waitBegan = _lane.Now;
        SetDue(_lane, _lane.Now + (pause > 0 ? Math.Min(pause, left) : left));
        _wait = new CancellationTokenSource();
        _ = WatchAsync(engine.Routes, _lane, this, route, _wait);
    }

    /// <summary>Comes back to the lane when the app has changed, unless the wait was ended before: then the exchange may serve another request already.</summary>
    private static async Task WatchAsync(IRouteTable routes, Lane lane, Exchange exchange, AppRoute route, CancellationTokenSource wait)
    {
        try
        {
            await routes.WaitForChangeAsync(route, wait.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
#pragma warning disable CA1031 // A table that can't tell of changes: the exchange looks again by itself when its time is up.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PlatformError(lane.Engine.Logger, exception, default);
            return;
        }

        lane.Post(
            static state =>
            {
                var (exchange, wait) = ((Exchange, CancellationTokenSource))state!;
                if (ReferenceEquals(exchange._wait, wait))
                {
                    exchange.Retry();
                }
            },
            (exchange, wait));
    }

    private void EndWait()
    {
        var wait = _wait;
        _wait = null;
        if (_isEntered)
        {
            _isEntered = false;
            Facts.Waited += _lane.Now - _waitBegan;
            _lane.Engine.Waiting.Leave(Facts.Route!.App);
        }

        try
        {
            wait?.Cancel();
        }
        catch (AggregateException exception)
        {
            // The table's own callbacks: the request goes on to its end all the same.
            Log.WaitNotEnded(_lane.Engine.Logger, exception, Facts.RequestId);
        }
    }

    private bool IsTooDeep(AppRoute route)
    {
        var inFlight = 0;
        foreach (var dyno in route.Endpoints)
        {
            inFlight += dyno.InFlight;
        }

        return inFlight > 0 && inFlight >= (long)(_settings.MaxInFlightPerDyno ?? _lane.Engine.Options.MaxInFlightPerDyno) * route.Endpoints.Length;
    }

    /// <summary>Ends: each turn of the loop either returns or leaves one candidate fewer.</summary>
    /// <param name="all">The dynos of the route.</param>
    /// <param name="pause">When there is none: ticks until the first one leaves quarantine; 0 if none is in it.</param>
    private DynoEndpoint? TryAcquire(ReadOnlySpan<DynoEndpoint> all, out long pause)
    {
        pause = 0;
        var engine = _lane.Engine;
        var selector = engine.Policies.Selector;
        var request = new RequestView(Facts, _dynoHead.Written);
        if (_failed.Count == 0 && !engine.Quarantine.IsAny(_lane.Now) && selector.Choose(all, request) is { } first && first.TryAcquire())
        {
            (_candidates, _left) = (all.Length, 0);
            return first;
        }

        var rented = ArrayPool<DynoEndpoint>.Shared.Rent(all.Length);
        try
        {
            var count = _candidates = Candidates(all, rented, out pause);
            _left = all.Length - count;
            while (count > 0 && selector.Choose(rented.AsSpan(0, count), request) is { } dyno)
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

    private int Candidates(ReadOnlySpan<DynoEndpoint> all, DynoEndpoint[] candidates, out long pause)
    {
        pause = 0;
        var count = 0;
        foreach (var dyno in all)
        {
            if (dyno.Retired.IsCancellationRequested)
            {
                continue;
            }

            var left = _lane.Engine.Quarantine.Left(dyno, _lane.Now);
            if (left == 0 && _lane.Engine.Options.Quarantine == TimeSpan.Zero && _failed.Contains(dyno))
            {
                continue;
            }

            if (left == 0)
            {
                candidates[count++] = dyno;
            }
            else if (pause == 0 || left < pause)
            {
                pause = left;
            }
        }

        return count;
    }

    /// <returns>Whether a kept connection has the request.</returns>
    private bool Ask(DynoEndpoint dyno)
    {
        var options = _lane.Engine.Options;
        _attemptBegan = _lane.Now;
        if (KeepsConnections && _upgrade.Length == 0 && !_hasRetriedStale
            && _lane.TakeIdle(dyno, _isReplayable ? options.PoolIdleTimeout : options.PoolFreshTime) is { } half)
        {
            _half = half;
            AddConnecting(_attemptBegan, AttemptOutcome.Reused);
            half.Attach(this);
            Use(isReused: true);
            return true;
        }

        _stage = Stage.Connecting;
        SetDue(_lane, _attemptBegan + Ticks(_settings.ConnectTimeout ?? options.ConnectTimeout));
        _half = _lane.Connect(dyno);
        _half.Attach(this);
        return false;
    }

    private bool KeepsConnections => _settings.KeepsConnections ?? _lane.Engine.Options.KeepsConnections;

    private void AddConnecting(long now, AttemptOutcome outcome)
    {
        var took = now - _attemptBegan;
        Facts.Connecting = (Facts.Connecting ?? 0) + took;
        Facts.Attempts.Add(new Attempt(Facts.Dyno!, _candidates, _left, _attemptBegan, took, outcome));
    }

    /// <summary>Lets the dyno go, whatever it is at; it sees a broken connection if it has any part of the request.</summary>
    private void AbandonDyno()
    {
        EndWait();
        AbandonConnection();
        ReleaseDyno();
    }

    private void AbandonConnection()
    {
        if (_half is { } half)
        {
            _half = null;
            half.Detach();
            _lane.Forget(half);
            half.Link.Abort();
        }
    }

    private void ReleaseDyno()
    {
        if (_hasAcquired)
        {
            _hasAcquired = false;
            Facts.Dyno!.Release();
        }
    }
}
