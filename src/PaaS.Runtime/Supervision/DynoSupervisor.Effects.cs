using System.Collections.Immutable;
using System.Net;

namespace PaaS.Runtime;

/// <content>Carries out what the machine wants, and reports back.</content>
public sealed partial class DynoSupervisor
{
    /// <summary>How long a verdict waits for the last output of a dyno that has failed.</summary>
    private static readonly TimeSpan LastLinesWait = TimeSpan.FromSeconds(5);

    private void CarryOut(SupervisorEffect effect)
    {
        switch (effect)
        {
            case SupervisorEffect.StartDyno start:
                var live = _live[start.Dyno.Number] = new(start.Dyno, new LogStream(_time, Math.Max(1, _options.FailingLines)));
                var spec = SpecOf(live);
                Observe();
                Track(Task.Run(() => RunDynoAsync(live, spec)));
                break;
            case SupervisorEffect.CancelStart cancel:
                _live[cancel.Run].CancelStart();
                break;
            case SupervisorEffect.WatchReady watch:
                var watched = _live[watch.Run];
                Track(Task.Run(() => WatchReadyAsync(watched)));
                break;
            case SupervisorEffect.PublishRoute publish:
                Publish(publish.Route);
                break;
            case SupervisorEffect.Retire retire:
                Track(DrainAsync(_live[retire.Run]));
                break;
            case SupervisorEffect.Expire expire:
                _live[expire.Run].Endpoint!.Expire();
                break;
            case SupervisorEffect.SignalTerm term:
                _live[term.Run].Dyno!.SignalAll(ProcessSignal.Terminate);
                break;
            case SupervisorEffect.KillTree kill:
                var killed = _live[kill.Run];
                Track(Task.Run(() => KillAsync(killed)));
                break;
            case SupervisorEffect.DisposeDyno dispose:
                var removed = _live[dispose.Run];
                Track(Task.Run(() => RemoveAsync(removed)));
                break;
            case SupervisorEffect.SetTimer set:
                SetTimer(set);
                break;
            case SupervisorEffect.CancelTimer cancel:
                CancelTimer(cancel.Timer);
                break;
            case SupervisorEffect.WriteLog write:
                WriteLine(write);
                break;
            case SupervisorEffect.CompleteSwap complete:
                Track(CompleteAsync(complete));
                break;
            case SupervisorEffect.CompleteShutdown:
                _shutDown.TrySetResult();
                break;
            default:
                throw new NotSupportedException($"Unknown effect {effect.GetType().Name}.");
        }
    }

    private void WriteLine(SupervisorEffect.WriteLog write)
    {
        _logs.Write(LogSource.Heroku, write.Process.ToString(), write.Text);
        if (write.Run is { } run && _live.TryGetValue(run, out var live))
        {
            live.LastLines.Write(LogSource.Heroku, write.Process.ToString(), write.Text);
        }
    }

    private DynoSpec SpecOf(LiveDyno live) => SpecOf(live.Run) with { Copies = [live.LastLines] };

    private DynoSpec SpecOf(DynoRun run) => new()
    {
        Id = run.Id,
        App = _app.Id,
        AppName = _app.Name,
        Name = run.Name,
        Release = run.Release.Version,
        Slug = run.Release.Slug.Id,
        AppDirectory = run.Release.Slug.AppDirectory,
        Command = run.Command,
        ConfigVars = run.Release.ConfigVars,
        Listens = run.Listens,
        Size = run.Size,
        UserId = _app.UserId,
        Logs = _logs,
    };

    private void Publish(RouteView route)
    {
        var endpoints = route.Runs.Select(run => _live[run].Endpoint!).ToImmutableArray();
        _routes.Set(new AppRoute(_app.Id, _app.Name, _app.Hosts, route.Web, endpoints, _logs)
        {
            Wake = route.Web == WebState.Idle ? Wake : null,
            Maintenance = _app.Maintenance,
            Settings = _app.Settings,
        });
    }

    private async Task RunDynoAsync(LiveDyno live, DynoSpec spec)
    {
        var number = live.Run.Number;
        try
        {
            await _runtime.PrepareAsync(spec.Slug, spec.UserId, live.StartCancelled).ConfigureAwait(false);
            var dyno = await _runtime.StartAsync(spec, live.StartCancelled).ConfigureAwait(false);
            live.Attach(dyno);
            if (spec.Listens && dyno.Endpoint is null)
            {
                await dyno.DisposeAsync().ConfigureAwait(false);
                throw new InvalidOperationException($"The engine gave {spec.Name} no endpoint.");
            }
        }
        catch (OperationCanceledException) when (live.StartCancelled.IsCancellationRequested)
        {
            Post(new SupervisorMessage.StartFailed(number, "The start was given up."));
            return;
        }
        catch (Exception exception)
        {
            // Whatever an engine throws, this dyno has not started and the others are not concerned.
            Log.StartFailed(_logger, exception, spec.AppName, spec.Name, spec.Release);
            var isForTenant = exception is ProcessStartException or SlugChecksumException or SlugNotFoundException;
            Post(new SupervisorMessage.StartFailed(number, isForTenant ? exception.Message : DynoLines.LaunchError));
            return;
        }

        Post(new SupervisorMessage.Started(number, live.Dyno!.Endpoint));
        var exit = await live.Dyno.Exited.ConfigureAwait(false);
        Post(new SupervisorMessage.Exited(number, exit, ListListening(live)));
    }

    private async Task DrainAsync(LiveDyno live)
    {
        live.Endpoint!.Retire();
        await Task.WhenAny(live.Endpoint.Drained, live.Gone.Task).ConfigureAwait(false);
        Post(new SupervisorMessage.Drained(live.Run.Number));
    }

    private async Task KillAsync(LiveDyno live)
    {
        // The machine asks again as long as the dyno runs; one kill at a time is enough.
        if (live.TryBeginKill())
        {
            await Guard(live, "being killed", async () =>
            {
                await live.Dyno!.KillTreeAsync(_ending.Token).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            live.EndKill();
        }
    }

    private async Task RemoveAsync(LiveDyno live)
    {
        void Tell(Exception exception) => Log.EngineFailed(_logger, exception, App.Name, live.Run.Name, "being removed");
        if (await DynoRemoval.RunAsync(live.Dyno!, Tell, _time, _ending.Token).ConfigureAwait(false))
        {
            Post(new SupervisorMessage.Gone(live.Run.Number));
        }
    }

    /// <summary>Awaits the engine. What it throws concerns the operator; the machine's timers go on.</summary>
    private async Task<bool> Guard(LiveDyno live, string activity, Func<ValueTask<bool>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            Log.EngineFailed(_logger, exception, App.Name, live.Run.Name, activity);
            return false;
        }
    }

    private ImmutableArray<IPEndPoint> ListListening(LiveDyno live)
    {
        if (!live.Run.Listens || live.Dyno is not { } dyno)
        {
            return [];
        }

        try
        {
            return [.. dyno.ListListening()];
        }
        catch (Exception exception)
        {
            // The addresses only make a message clearer; the dyno may be gone already.
            Log.EngineFailed(_logger, exception, App.Name, live.Run.Name, "asked where it listens");
            return [];
        }
    }

    private void SetTimer(SupervisorEffect.SetTimer set)
    {
        CancelTimer(set.Timer);
        _timers[set.Timer] = new RunningTimer(_time, set.Due, () => Fire(set.Timer));
    }

    /// <summary>A timer whose firing is handled is over, unless it has been set again meanwhile.</summary>
    private void DropTimer(TimerId timer)
    {
        if (_timers.TryGetValue(timer, out var fired) && fired.HasFired)
        {
            CancelTimer(timer);
        }
    }

    private void CancelTimer(TimerId timer)
    {
        if (_timers.Remove(timer, out var old))
        {
            old.Dispose();
        }
    }

    private void Fire(TimerId timer)
    {
        var listening = timer.Kind == TimerKind.Boot && _live.TryGetValue(timer.Number, out var live) ? ListListening(live) : [];
        Post(new SupervisorMessage.TimerFired(timer, listening));
    }

    private async Task CompleteAsync(SupervisorEffect.CompleteSwap complete)
    {
        if (!_operations.TryRemove(complete.Operation, out var operation))
        {
            return;
        }

        if (complete.Failed is not { } run)
        {
            operation.TrySetResult(complete.Status == SwapStatus.Interrupted ? SwapOutcome.Interrupted : SwapOutcome.Succeeded);
            return;
        }

        // What it wrote last may still be on its way; when nothing is left of it, it has arrived.
        var live = _live[run.Number];
        await Task.WhenAny(live.Gone.Task, Task.Delay(LastLinesWait, _time, _ending.Token)).ConfigureAwait(false);
        operation.TrySetResult(SwapOutcome.Failed(complete.Reason!, run.Name, await LastLinesAsync(live).ConfigureAwait(false)));
    }

    private async Task<ImmutableArray<string>> LastLinesAsync(LiveDyno live)
    {
        if (_options.FailingLines == 0)
        {
            return [];
        }

        var lines = ImmutableArray.CreateBuilder<string>();
        await foreach (var line in live.LastLines.TailAsync(new() { Lines = _options.FailingLines }).ConfigureAwait(false))
        {
            lines.Add(line.Message);
        }

        return lines.ToImmutable();
    }

    /// <summary>Nothing is left of a start, and the machine knows.</summary>
    private void Forget(long run)
    {
        if (_live.TryRemove(run, out var live))
        {
            live.Gone.TrySetResult();
            live.Dispose();
        }
    }

    private void Track(Task work)
    {
        _work[work] = true;
        _ = work.ContinueWith(
            done =>
            {
                _work.TryRemove(done, out _);
                if (done.Exception is { } exception)
                {
                    Log.EffectFailed(_logger, exception, App.Name, "asynchronous work");
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
