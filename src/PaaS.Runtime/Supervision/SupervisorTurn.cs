using System.Collections.Immutable;
using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <summary>One step of the machine. Lives for one message; nothing outside sees it half-done.</summary>
internal sealed partial class SupervisorTurn(SupervisorState state, DateTimeOffset now)
{
    private readonly ImmutableArray<SupervisorEffect>.Builder _effects = ImmutableArray.CreateBuilder<SupervisorEffect>();
    private readonly List<SupervisorEffect> _verdicts = [];
    private SupervisorState _state = state;

    public SupervisorStep Take(SupervisorMessage message)
    {
        switch (message)
        {
            case SupervisorMessage.Deploy deploy:
                // A reference of its own tells its dynos from those of any other deploy, even of the same release.
                Enqueue(new(SwapKind.Deploy) { Operations = [deploy.Operation], Release = deploy.Release with { }, Formation = deploy.Formation });
                break;
            case SupervisorMessage.Restart restart:
                Enqueue(new(SwapKind.Restart) { Operations = [restart.Operation], Selectors = [restart.Selector] });
                break;
            case SupervisorMessage.Resume resume:
                Resume(resume);
                break;
            case SupervisorMessage.Scale scale:
                Scale(scale.Formation);
                break;
            case SupervisorMessage.Stop stop:
                Stop(stop);
                break;
            case SupervisorMessage.Shutdown shutdown:
                ShutDown(shutdown.StopGrace);
                break;
            case SupervisorMessage.Started started:
                OnStarted(started);
                break;
            case SupervisorMessage.StartFailed failed:
                Happen(failed.Run, DynoHappening.StartFailed, new(Reason: failed.Reason));
                break;
            case SupervisorMessage.Ready ready:
                Happen(ready.Run, DynoHappening.Ready);
                break;
            case SupervisorMessage.Unhealthy unhealthy:
                Happen(unhealthy.Run, DynoHappening.Unhealthy, new(Reason: unhealthy.Reason));
                break;
            case SupervisorMessage.Exited exited:
                Happen(exited.Run, DynoLifecycle.EndOf(exited.Exit.Reason), new(exited.Exit.Status, Listening: exited.Listening));
                break;
            case SupervisorMessage.Drained drained:
                Happen(drained.Run, DynoHappening.Drained);
                break;
            case SupervisorMessage.Gone gone:
                Happen(gone.Run, DynoHappening.Removed);
                break;
            case SupervisorMessage.Measured measured:
                OnMeasured(measured);
                break;
            case SupervisorMessage.UseRead use:
                OnUseRead(use.IsUsed);
                break;
            case SupervisorMessage.FallAsleep sleep:
                OnFallAsleep(sleep.CanWake);
                break;
            case SupervisorMessage.Wake:
                OnWake();
                break;
            case SupervisorMessage.TimerFired fired:
                OnTimer(fired);
                break;
        }

        BeginSwaps();
        PublishRoute();
        if (_state is { IsShuttingDown: true, IsShutDown: false, Runs.IsEmpty: true })
        {
            _state = _state with { IsShutDown = true };
            Emit(new CompleteShutdown());
        }

        return new(_state, [.. _effects, .. _verdicts]);
    }

    // A verdict comes last: whoever hears that a deploy has succeeded finds the new dynos in the route table.
    private void Emit(SupervisorEffect effect)
    {
        if (effect is CompleteSwap)
        {
            _verdicts.Add(effect);
        }
        else
        {
            _effects.Add(effect);
        }
    }

    private void Log(DynoName name, string text) => Emit(new WriteLog(name, text, null));

    private void Log(DynoRun run, string text) => Emit(new WriteLog(run.Name, text, run.Number));

    private void Set(DynoRun run) => _state = _state with { Runs = _state.Runs.SetItem(run.Number, run) };

    private void Set(FormationDyno dyno) => _state = _state with { Dynos = _state.Dynos.SetItem(dyno.Name, dyno) };

    private long TakeNumber()
    {
        var number = _state.Next;
        _state = _state with { Next = number + 1 };
        return number;
    }

    /// <summary>
    /// Publishes what changed, once per step, so that new endpoints come in and old ones go out in one snapshot. Only then
    /// are the old ones retired: a request that still holds the last snapshot finds an open endpoint or looks again.
    /// </summary>
    private void PublishRoute()
    {
        var before = _state.Route;
        var route = View();
        if (route.Equals(before))
        {
            return;
        }

        _state = _state with { Route = route };
        Emit(new SupervisorEffect.PublishRoute(route));
        foreach (var run in route.Runs.Except(before.Runs))
        {
            Happen(run, DynoHappening.Routed);
        }

        foreach (var gone in _retired)
        {
            Emit(new Retire(gone));
            Emit(new SetTimer(new(TimerKind.Drain, gone), _state.Options.DrainTimeout));
        }
    }

    private RouteView View()
    {
        var web = _state.Dynos.Values.Where(dyno => dyno.Listens).ToArray();
        var serving = (from dyno in web
                       where dyno.Run is { } run && _state.Runs[run].Phase is DynoPhase.Up or DynoPhase.Serving
                       select dyno.Run!.Value).ToImmutableArray();
        var candidates = _state.Swap is { Candidates.IsEmpty: false };
        var word = (web.Length > 0 || candidates, serving.Length) switch
        {
            _ when _state.IsShuttingDown => WebState.None,
            (_, > 0) => WebState.Up,
            (false, _) => _state.Release is null ? WebState.Blank : WebState.None,
            _ when !candidates && web.Any(dyno => dyno.State == DynoState.Idle) => _state.Sleep is { CanWake: true } ? WebState.Idle : WebState.None,
            _ when candidates || web.Any(dyno => dyno.State == DynoState.Starting) => WebState.Starting,
            _ => WebState.Crashed,
        };
        return new(word, serving);
    }
}
