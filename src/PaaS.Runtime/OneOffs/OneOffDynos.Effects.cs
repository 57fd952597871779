namespace PaaS.Runtime;

/// <content>Carries out what the machine wants, and reports back.</content>
public sealed partial class OneOffDynos
{
    private void CarryOut(OneOffEffect effect)
    {
        switch (effect)
        {
            case OneOffEffect.Accept accept:
                var live = _live[accept.Dyno.Number] = new(accept.Dyno, _time, message => Post(message), Track);
                Answer(_starts, accept.Operation)?.TrySetResult(live);
                break;
            case OneOffEffect.Refuse refuse:
                Answer(_starts, refuse.Operation)?.TrySetException(refuse.Limit is { } limit ? new OneOffLimitException(limit) : new ObjectDisposedException(nameof(OneOffDynos)));
                break;
            case OneOffEffect.StartDyno start:
                var starting = _live[start.Dyno.Number];
                var spec = SpecOf(starting);
                Track(Task.Run(() => RunDynoAsync(starting, spec)));
                break;
            case OneOffEffect.CancelStart cancel:
                _live[cancel.Run].CancelStart();
                break;
            case OneOffEffect.SignalAll signal:
                _live[signal.Run].Dyno!.SignalAll(signal.Signal);
                break;
            case OneOffEffect.KillTree kill:
                var killed = _live[kill.Run];
                Track(Task.Run(() => KillAsync(killed)));
                break;
            case OneOffEffect.Disconnect disconnect:
                _live[disconnect.Run].Attachment!.Disconnect();
                break;
            case OneOffEffect.RemoveDyno remove:
                var removed = _live[remove.Run];
                removed.TryClose();
                Track(Task.Run(() => RemoveAsync(removed)));
                break;
            case OneOffEffect.SetTimer set:
                CancelTimer(set.Timer);
                _timers[set.Timer] = _time.CreateTimer(_ => Fire(set.Timer), null, set.Due, Timeout.InfiniteTimeSpan);
                break;
            case OneOffEffect.CancelTimer cancel:
                CancelTimer(cancel.Timer);
                break;
            case OneOffEffect.WriteLog write:
                _logs.Write(LogSource.Heroku, write.Process.ToString(), write.Text);
                break;
            case OneOffEffect.Fail fail:
                _live[fail.Dyno.Number].Fail(fail.Dyno);
                break;
            case OneOffEffect.Complete complete:
                _live.TryRemove(complete.Dyno.Number, out var gone);
                Track(gone!.CompleteAsync(complete.Dyno));
                break;
            case OneOffEffect.AnswerStop answer:
                Answer(_stops, answer.Operation)?.TrySetResult(answer.IsAny);
                break;
            case OneOffEffect.CompleteShutdown:
                _shutDown.TrySetResult();
                break;
            default:
                throw new NotSupportedException($"Unknown effect {effect.GetType().Name}.");
        }
    }

    private DynoSpec SpecOf(LiveOneOff live)
    {
        var (run, app) = (live.Run, Volatile.Read(ref _app));
        var spec = run.Spec;
        return new()
        {
            Id = run.Id,
            App = app.Id,
            AppName = app.Name,
            Name = run.Name,
            Release = spec.Release.Version,
            Slug = spec.Release.Slug.Id,
            AppDirectory = spec.Release.Slug.AppDirectory,
            Command = spec.Command,
            ConfigVars = spec.Release.ConfigVars.Apply(ConfigPatch.Create(spec.ExtraVars.Select(static extra => KeyValuePair.Create(extra.Key, (string?)extra.Value)))),
            Listens = false,
            Size = spec.Size,
            UserId = app.UserId,
            Logs = _logs,
            Copies = spec.Output is { } output ? [live.Lines, output] : [live.Lines],
            Streams = spec.Streams,
            Terminal = spec.Terminal,
        };
    }

    private async Task RunDynoAsync(LiveOneOff live, DynoSpec spec)
    {
        var number = live.Run.Number;
        IDyno dyno;
        try
        {
            await _runtime.PrepareAsync(spec.Slug, spec.UserId, live.StartCancelled).ConfigureAwait(false);
            dyno = await _runtime.StartAsync(spec, live.StartCancelled).ConfigureAwait(false);
            try
            {
                live.Begin(dyno);
            }
            catch
            {
                // Nothing is left of what has not started.
                await dyno.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (OperationCanceledException) when (live.StartCancelled.IsCancellationRequested)
        {
            Post(new OneOffMessage.StartFailed(number, "The start was given up."));
            return;
        }
        catch (Exception exception)
        {
            // Whatever an engine throws, this dyno has not started and the others are not concerned.
            Log.StartFailed(_logger, exception, spec.AppName, spec.Name);
            var isForTenant = exception is ProcessStartException or SlugChecksumException or SlugNotFoundException;
            Post(new OneOffMessage.StartFailed(number, isForTenant ? exception.Message : DynoLines.LaunchError));
            return;
        }

        Post(new OneOffMessage.Started(number));
        Post(new OneOffMessage.Exited(number, await dyno.Exited.ConfigureAwait(false)));
    }

    private async Task RemoveAsync(LiveOneOff live)
    {
        void Tell(Exception exception) => Log.EngineFailed(_logger, exception, _app.Name, live.Name, "being removed");
        if (await DynoRemoval.RunAsync(live.Dyno!, Tell, _time, _ending.Token).ConfigureAwait(false))
        {
            Post(new OneOffMessage.Removed(live.Run.Number));
        }
    }

    private async Task KillAsync(LiveOneOff live)
    {
        // The machine asks again as long as the dyno runs; one kill at a time is enough.
        if (live.TryBeginKill())
        {
            await Guard(live, "being killed", () => live.Dyno!.KillTreeAsync(_ending.Token)).ConfigureAwait(false);
            live.EndKill();
        }
    }

    /// <summary>Awaits the engine. What it throws concerns the operator; the machine's timers go on.</summary>
    private async Task Guard(LiveOneOff live, string activity, Func<ValueTask> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The shutdown waits no longer; the kill has been sent.
        }
        catch (Exception exception)
        {
            Log.EngineFailed(_logger, exception, _app.Name, live.Name, activity);
        }
    }

    private void Fire(OneOffTimer timer)
    {
        if (!_live.TryGetValue(timer.Run, out var live))
        {
            return;
        }

        switch (timer.Kind)
        {
            // Either the client has come in time and says so, or it comes too late.
            case OneOffTimerKind.Attach when !live.TryClose():
                break;
            case OneOffTimerKind.Idle:
                Post(new OneOffMessage.TimerFired(timer, LastByte: live.Attachment!.LastByte));
                break;
            case OneOffTimerKind.Sample:
                var usage = Measure(live);
                Post(new OneOffMessage.TimerFired(timer, MemoryBytes: usage?.MemoryBytes + usage?.SwapBytes, OutOfMemoryKills: usage?.OutOfMemoryKills ?? 0));
                break;
            default:
                Post(new OneOffMessage.TimerFired(timer));
                break;
        }
    }

    private ProcessUsage? Measure(LiveOneOff live)
    {
        try
        {
            return live.Dyno?.Measure();
        }
        catch (Exception exception)
        {
            // A sample that fails is one that is missing; the next one is due soon.
            Log.EngineFailed(_logger, exception, _app.Name, live.Name, "measured");
            return null;
        }
    }

    private void CancelTimer(OneOffTimer timer)
    {
        if (_timers.Remove(timer, out var old))
        {
            old.Dispose();
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
                    Log.EffectFailed(_logger, exception, _app.Name, "asynchronous work");
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
