using System.Collections.Immutable;
using System.Net;
using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

/// <summary>
/// What surrounds the supervisor's machine, without threads: an engine whose dynos do what they are told one event at a time,
/// a clock, timers. Every step is checked against the laws that hold whatever happens.
/// </summary>
internal sealed class SupervisorWorld(SupervisorOptions? options = null)
{
    private readonly SortedDictionary<(DateTimeOffset Due, long Order), TimerId> _timers = [];
    private long _order;
    private long _operations;
    private RouteView _route = new(WebState.Blank, []);
    private bool _isKillRepeated;

    public SupervisorState State { get; private set; } = new() { Options = options ?? new(), Seed = 1 };

    public DateTimeOffset Now { get; private set; } = new(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);

    public List<SupervisorEffect> Effects { get; } = [];

    /// <summary>The platform's log, <c>web.1: State changed from starting to up</c>.</summary>
    public List<string> Lines { get; } = [];

    public SortedDictionary<long, WorldDyno> Dynos { get; } = [];

    public Dictionary<long, SupervisorEffect.CompleteSwap> Verdicts { get; } = [];

    public List<long> Asked { get; } = [];

    public bool IsShutDown { get; private set; }

    public RouteView Route => _route;

    public IEnumerable<WorldDyno> Routed => _route.Runs.Select(run => Dynos[run]);

    /// <summary>Timers that were cancelled: in life one may have fired just before.</summary>
    public List<TimerId> CancelledTimers { get; } = [];

    /// <summary>Whether a timer waits but those of the dynos' days, which always do.</summary>
    public bool HasTimers => _timers.Values.Any(timer => timer.Kind != TimerKind.Life);

    /// <summary>When the next timer is due.</summary>
    public DateTimeOffset? NextDue => _timers.Count == 0 ? null : _timers.First().Key.Due;

    /// <summary>Whether dynos of which nothing is left are kept to be looked at; a long life keeps none.</summary>
    public bool KeepsGone { get; init; } = true;

    public static RunningRelease Release(int version, params string[] types) => new(
        new(version),
        new Slug(SlugId.FromDigest(new byte[32]), 1, (types is [] ? ["web", "worker"] : types).ToImmutableSortedDictionary(type => ProcessType.Parse(type), type => $"run {type} v{version}"), null, "Fake", Slug.DefaultStack),
        ConfigVars.Empty);

    public static Formation Formation(int web = 0, int worker = 0, DynoSize size = default) =>
        PaaS.Core.Formation.Empty.With(ProcessType.Web, web, size).With(ProcessType.Worker, worker, size);

    public long Deploy(RunningRelease release, Formation formation) => Ask(operation => new SupervisorMessage.Deploy(operation, release, formation));

    public long Resume(RunningRelease? release, Formation formation) => Ask(operation => new SupervisorMessage.Resume(operation, release, formation));

    public long Restart(DynoSelector which) => Ask(operation => new SupervisorMessage.Restart(operation, which));

    public long Stop(DynoSelector which) => Ask(operation => new SupervisorMessage.Stop(operation, which));

    public void Scale(Formation formation) => Tell(new SupervisorMessage.Scale(formation));

    public void ShutDown() => Tell(new SupervisorMessage.Shutdown(null));

    /// <summary>The newest start of a dyno.</summary>
    public WorldDyno Newest(string name) => Dynos.Values.Last(dyno => dyno.Name == name);

    public Dyno Shown(string name) => State.ToSnapshots().Single(dyno => dyno.Name.ToString() == name);

    public SwapStatus? VerdictOf(long operation) => Verdicts.TryGetValue(operation, out var verdict) ? verdict.Status : null;

    public void Started(WorldDyno dyno)
    {
        dyno.IsLaunching = false;
        dyno.IsRunning = true;
        Tell(new SupervisorMessage.Started(dyno.Number, dyno.Run.Listens ? new IPEndPoint(IPAddress.Loopback, dyno.Port) : null));
    }

    public void StartFailed(WorldDyno dyno)
    {
        dyno.IsLaunching = false;
        dyno.IsGone = true;
        Tell(new SupervisorMessage.StartFailed(dyno.Number, "It could not be started."));
    }

    public void Ready(WorldDyno dyno)
    {
        dyno.IsWatched = false;
        Tell(new SupervisorMessage.Ready(dyno.Number));
    }

    public void Unhealthy(WorldDyno dyno)
    {
        dyno.IsWatched = false;
        dyno.MayBeKilled = true;
        Tell(new SupervisorMessage.Unhealthy(dyno.Number, $"{dyno.Name} listens, but GET /health answered 500 (3 attempts)"));
    }

    public void Exit(WorldDyno dyno, int status = 1, params int[] ports) => Exit(dyno, new ProcessExit(status), ports);

    public void Exit(WorldDyno dyno, ProcessExit exit, params int[] ports)
    {
        dyno.IsRunning = false;
        dyno.IsWatched = false;
        Tell(new SupervisorMessage.Exited(dyno.Number, exit, Listening(ports)));
    }

    public void Measure(WorldDyno dyno, long megabytes, int kills = 0)
    {
        var bytes = megabytes << 20;
        dyno.MayBeKilled |= kills > 0 || bytes > dyno.Run.Size.MemoryBytes * State.Options.MemoryKillFactor;
        Tell(new SupervisorMessage.Measured(dyno.Number, bytes, kills));
    }

    public void Use(bool isUsed) => Tell(new SupervisorMessage.UseRead(isUsed));

    public void FallAsleep(bool canWake = true) => Tell(new SupervisorMessage.FallAsleep(canWake));

    public void Wake() => Tell(new SupervisorMessage.Wake());

    public void Drained(WorldDyno dyno)
    {
        dyno.MayDrain = false;
        Tell(new SupervisorMessage.Drained(dyno.Number));
    }

    public void Gone(WorldDyno dyno)
    {
        dyno.MayGo = false;
        dyno.IsGone = true;
        Tell(new SupervisorMessage.Gone(dyno.Number));
        if (!KeepsGone)
        {
            Dynos.Remove(dyno.Number);
        }
    }

    /// <summary>Lets everything happen that needs no time: starts succeed, dynos get ready, obey signals, drain, go.</summary>
    public void Settle()
    {
        while (Benign().FirstOrDefault() is { } next)
        {
            next();
        }
    }

    /// <summary>What may happen now if nothing goes wrong.</summary>
    public IEnumerable<Action> Benign()
    {
        foreach (var dyno in Dynos.Values.ToArray())
        {
            if (dyno.IsLaunching)
            {
                yield return () => Started(dyno);
            }
            else if (dyno.IsWatched)
            {
                yield return () => Ready(dyno);
            }
            else if (dyno is { IsRunning: true, Signal: { } signal })
            {
                yield return () => Exit(dyno, 128 + (int)signal);
            }
            else if (dyno.MayDrain)
            {
                yield return () => Drained(dyno);
            }
            else if (dyno.MayGo)
            {
                yield return () => Gone(dyno);
            }
        }
    }

    private static ImmutableArray<IPEndPoint> Listening(int[] ports) => [.. ports.Select(static port => new IPEndPoint(IPAddress.Any, port))];

    public void Advance(TimeSpan by, params int[] ports)
    {
        var goal = Now + by;
        while (_timers.Count > 0 && _timers.First().Key.Due <= goal)
        {
            FireNext(ports);
        }

        Now = goal;
    }

    public void FireNext(params int[] ports)
    {
        var (key, timer) = _timers.First();
        _timers.Remove(key);
        Now = key.Due > Now ? key.Due : Now;
        if (timer.Kind == TimerKind.Boot && State.Runs.TryGetValue(timer.Number, out var run) && run.Phase == DynoPhase.Starting)
        {
            Dynos[timer.Number].MayBeKilled = true;
        }
        else if (timer.Kind == TimerKind.Expiry)
        {
            Dynos[timer.Number].IsDrainOver = true;
        }

        Tell(new SupervisorMessage.TimerFired(timer, Listening(ports)));
    }

    public void Tell(SupervisorMessage message)
    {
        var before = State;
        var routedBefore = _route.Runs.Length;
        _isKillRepeated = message is SupervisorMessage.TimerFired { Timer.Kind: TimerKind.Kill };
        var step = SupervisorMachine.Step(State, message, Now);
        State = step.State;
        foreach (var effect in step.Effects)
        {
            Effects.Add(effect);
            CarryOut(effect);
        }

        var slept = State.Sleep is not null || step.Effects.Any(effect => effect is SupervisorEffect.WriteLog { Text: DynoLines.Idling or DynoLines.IdlingForQuota });
        CheckRoute(message, before, slept ? 0 : routedBefore);
        CheckSingletons();
        CheckTimers();
        CheckQueue();
        if (step.Effects.Any(effect => effect is SupervisorEffect.WriteLog { Text: DynoLines.Cycling }))
        {
            var cycled = State.Dynos.Values.Count(dyno => dyno.IsCycling) + (State.Swap?.Request.Runs.Length ?? 0);
            Law(cycled <= Math.Max(1, Math.Max(State.Dynos.Count, before.Dynos.Count) / 10), "no more than a tenth is cycled at once, and one at least");
        }
    }

    private long Ask(Func<long, SupervisorMessage> message)
    {
        var operation = ++_operations;
        Asked.Add(operation);
        Tell(message(operation));
        return operation;
    }

    private void CarryOut(SupervisorEffect effect)
    {
        switch (effect)
        {
            case SupervisorEffect.StartDyno start:
                Dynos.Add(start.Dyno.Number, new(start.Dyno));
                break;
            case SupervisorEffect.CancelStart cancel:
                Law(Dynos[cancel.Run].IsLaunching, "only a start that is under way can be given up");
                break;
            case SupervisorEffect.WatchReady watch:
                Dynos[watch.Run].IsWatched = true;
                break;
            case SupervisorEffect.PublishRoute publish:
                Law(publish.Route.Runs.All(run => !Dynos[run].IsRetired), "a retired endpoint does not come back");
                _route = publish.Route;
                break;
            case SupervisorEffect.Retire retire:
                Law(!_route.Runs.Contains(retire.Run), "an endpoint is out of the table before it is retired");
                Dynos[retire.Run].IsRetired = Dynos[retire.Run].MayDrain = true;
                break;
            case SupervisorEffect.Expire expire:
                var expired = Dynos[expire.Run];
                Law(expired.IsRetired, "an endpoint is retired before its requests are ended");
                Law(expired.MayDrain && !expired.IsExpired, "only requests that are left are ended, and once");
                Law(expired.Signal is null || expired.IsKilled, "requests are ended before SIGTERM");
                expired.IsExpired = true;
                break;
            case SupervisorEffect.SignalTerm term:
                var termed = Dynos[term.Run];
                Law(termed.IsRunning, "only a dyno that runs is signalled");
                Law(!_route.Runs.Contains(term.Run), "no SIGTERM for a dyno that is in the table");
                Law(!termed.IsRetired || !termed.MayDrain || termed.IsDrainOver, "requests get their time before SIGTERM");
                Law(termed.Signal is null, "one SIGTERM, before any SIGKILL");
                if (termed.IsTermLost)
                {
                    termed.MayBeKilled = true;
                    break;
                }

                termed.Signal = ProcessSignal.Terminate;
                break;
            case SupervisorEffect.KillTree kill:
                var killed = Dynos[kill.Run];
                Law(killed.IsRunning, "only a dyno that runs is killed");
                Law(killed.IsKilled == _isKillRepeated, "one SIGKILL, repeated only when it has had its time");
                Law(killed.IsKilled || killed.Signal == ProcessSignal.Terminate || killed.MayBeKilled, "SIGTERM comes before SIGKILL");
                killed.IsKilled = true;
                if (killed.LostKills-- <= 0)
                {
                    killed.Signal = ProcessSignal.Kill;
                }

                break;
            case SupervisorEffect.DisposeDyno dispose:
                var disposed = Dynos[dispose.Run];
                Law(!disposed.IsLaunching && !disposed.IsRunning, "only what has ended is removed");
                Law(!disposed.IsRetired || !disposed.MayDrain || disposed.IsDrainOver, "a port is given away only when no request holds it");
                disposed.MayGo = true;
                break;
            case SupervisorEffect.SetTimer set:
                _timers.Add((Now + set.Due, ++_order), set.Timer);
                break;
            case SupervisorEffect.CancelTimer cancel:
                foreach (var key in _timers.Where(timer => timer.Value == cancel.Timer).Select(timer => timer.Key).ToArray())
                {
                    _timers.Remove(key);
                    CancelledTimers.Add(cancel.Timer);
                }

                break;
            case SupervisorEffect.WriteLog write:
                Lines.Add($"{write.Process}: {write.Text}");
                break;
            case SupervisorEffect.CompleteSwap complete:
                Law(Verdicts.TryAdd(complete.Operation, complete), "a swap has one verdict");
                break;
            case SupervisorEffect.CompleteShutdown:
                Law(!IsShutDown && Dynos.Values.All(dyno => dyno.IsGone), "a shutdown ends once, with nothing left");
                IsShutDown = true;
                break;
        }
    }

    /// <summary>Ready web dynos leave the table by their own crash, or because somebody wants fewer; nothing else takes one away without another in its place.</summary>
    private void CheckRoute(SupervisorMessage message, SupervisorState before, int routedBefore)
    {
        var allowed = message switch
        {
            SupervisorMessage.Scale or SupervisorMessage.Stop or SupervisorMessage.Shutdown => 0,
            SupervisorMessage.Measured measured when before.Route.Runs.Contains(measured.Run) && Dynos[measured.Run].MayBeKilled => routedBefore - 1,
            SupervisorMessage.Exited exited when before.Route.Runs.Contains(exited.Run) => routedBefore - 1,
            _ => routedBefore,
        };
        var wanted = State.Formation.TryGet(ProcessType.Web, out var web) && State.Release?.Slug.ProcessTypes.ContainsKey(ProcessType.Web) == true ? web.Quantity : 0;
        Law(_route.Runs.Length >= Math.Min(allowed, wanted), $"no fewer ready web dynos than before: {routedBefore} before, {_route.Runs.Length} after {message}");
        Law(_route.Runs.All(run => Dynos[run].IsRunning || (message is SupervisorMessage.Exited e && e.Run == run)), "only running dynos are in the table");
        Law(_route.Equals(State.Route), "what was published is what the machine holds");
    }

    private void CheckSingletons()
    {
        foreach (var same in Dynos.Values.Where(dyno => !dyno.IsGone && !dyno.Run.Listens).GroupBy(dyno => dyno.Name))
        {
            Law(same.Count() == 1, $"{same.Key} never runs twice");
        }
    }

    /// <summary>Each timer is that of a phase, a back-off or a refresh that is still waited for, and each of these has its own.</summary>
    private void CheckTimers()
    {
        foreach (var (kind, number) in _timers.Values)
        {
            var run = State.Runs.GetValueOrDefault(number);
            Law(
                kind switch
                {
                    TimerKind.Backoff => State.Dynos.Values.Any(dyno => dyno.Backoff == number),
                    TimerKind.Refresh => State.NextRefresh == number,
                    TimerKind.Drain or TimerKind.Expiry => run is not null && DynoLifecycle.IsInUse(run.Phase),
                    TimerKind.Life => run is not null && DynoLifecycle.IsUp(run.Phase),
                    _ => run is not null && TimerOf(run.Phase) == kind,
                },
                $"no timer outlives what it is for: {kind} {number} of {run?.Name} {run?.Phase}");
        }

        var phases = _timers.Values.Count(timer => timer.Kind is TimerKind.Launch or TimerKind.Boot or TimerKind.StopGrace or TimerKind.Kill);
        Law(phases == State.Runs.Values.Count(run => TimerOf(run.Phase) is not null), "each phase that has a limit has its timer, and one only");
        Law(_timers.Values.Count(timer => timer.Kind == TimerKind.Backoff) == State.Dynos.Values.Count(dyno => dyno.Backoff is not null), "each back-off has its timer");
    }

    private static TimerKind? TimerOf(DynoPhase phase) => phase switch
    {
        DynoPhase.Launching => TimerKind.Launch,
        DynoPhase.Starting => TimerKind.Boot,
        DynoPhase.Stopping => TimerKind.StopGrace,
        DynoPhase.Killing => TimerKind.Kill,
        _ => null,
    };

    private void CheckQueue()
    {
        Law(State.Queue.SkipLast(1).All(request => request.Kind == SwapKind.Deploy), "no deploy waits behind a restart, and one restart waits at most");
        Law(State.Queue.All(request => request.Kind != SwapKind.Restart || request.Selectors.Distinct().Count() == request.Selectors.Count), "a restart names no dynos twice");
    }

    private void Law(bool holds, string law)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Broken: {law}.\n{string.Join('\n', Lines.TakeLast(40))}");
        }
    }
}
