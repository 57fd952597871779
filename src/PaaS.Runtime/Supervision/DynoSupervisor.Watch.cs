namespace PaaS.Runtime;

/// <content>Looks at dynos: are they ready, what do they use, does anybody use them.</content>
public sealed partial class DynoSupervisor
{
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);
    private readonly Lock _observing = new();
    private ITimer? _observer;
    private long _useRead;

    private async Task WatchReadyAsync(LiveDyno live)
    {
        if (!await Guard(live, "being watched", () => live.Dyno!.WaitUntilListeningAsync(_ending.Token)).ConfigureAwait(false))
        {
            return;
        }

        live.OpenEndpoint();
        if (live.Run.HealthCheck is not { } check)
        {
            Post(new SupervisorMessage.Ready(live.Run.Number));
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        var asked = AskHealthAsync(live, check, ended.Token);
        await Task.WhenAny(asked, live.Dyno!.Exited).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        if (await asked.ConfigureAwait(false) is { } message)
        {
            Post(message);
        }
    }

    /// <summary>Asks until one attempt is answered well, or none is left.</summary>
    /// <returns>What the machine is to know; nothing if the dyno has ended first.</returns>
    private async Task<SupervisorMessage?> AskHealthAsync(LiveDyno live, HealthCheck check, CancellationToken cancellationToken)
    {
        var host = App.Hosts is [var first, ..] ? first : App.Name.ToString();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var answer = await _health.AskAsync(live.Endpoint!.Address, host, check, cancellationToken).ConfigureAwait(false);
                if (answer.IsHealthy)
                {
                    return new SupervisorMessage.Ready(live.Run.Number);
                }

                if (attempt >= check.Attempts)
                {
                    return new SupervisorMessage.Unhealthy(live.Run.Number, DynoLines.Unhealthy(live.Run.Name, check, answer.Description));
                }

                await Task.Delay(check.Wait, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            // The dyno is not to blame, so its boot time-out decides.
            Log.EngineFailed(_logger, exception, App.Name, live.Run.Name, "asked for its health");
            return null;
        }
    }

    /// <summary>Begins to look at the dynos, if that has not begun: one timer, whatever their number.</summary>
    private void Observe()
    {
        if (_observer is null)
        {
            _useRead = _time.GetTimestamp();
            _observer = _time.CreateTimer(_ => Look(), null, _options.MeasureInterval, _options.MeasureInterval);
        }
    }

    private async ValueTask EndObservingAsync()
    {
        if (_observer is { } observer)
        {
            await observer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Look()
    {
        // A slow engine must not have the timer's next turn look beside this one.
        if (!_observing.TryEnter())
        {
            return;
        }

        try
        {
            foreach (var live in _live.Values)
            {
                Measure(live);
            }

            if (_time.GetElapsedTime(_useRead) >= UseInterval)
            {
                _useRead = _time.GetTimestamp();
                ReadUse();
            }
        }
        finally
        {
            _observing.Exit();
        }
    }

    private void Measure(LiveDyno live)
    {
        try
        {
            // What is within its quota is of no interest to the machine.
            if (live.Dyno is { Exited.IsCompleted: false } dyno && dyno.Measure() is { } usage
                && usage.MemoryBytes + usage.SwapBytes is var bytes && (bytes > live.Run.Size.MemoryBytes || usage.OutOfMemoryKills > 0))
            {
                Post(new SupervisorMessage.Measured(live.Run.Number, bytes, usage.OutOfMemoryKills));
            }
        }
        catch (Exception exception)
        {
            // What cannot be measured now is measured at the next sample.
            Log.EngineFailed(_logger, exception, App.Name, live.Run.Name, "measured");
        }
    }

    private void ReadUse()
    {
        var isUsed = false;
        var sleeps = false;
        foreach (var run in _state.Route.Runs)
        {
            if (_live.TryGetValue(run, out var live) && live.Endpoint is { } endpoint)
            {
                isUsed |= endpoint.TakeUse();
                sleeps |= live.Run.Size.Sleeps;
            }
        }

        if (sleeps)
        {
            Post(new SupervisorMessage.UseRead(isUsed));
        }
    }
}
