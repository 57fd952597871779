using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The places of the formation: made, left, crashed, started again.</content>
internal sealed partial class SupervisorTurn
{
    private void Resume(SupervisorMessage.Resume resume)
    {
        if (_state is { IsShuttingDown: false, Release: null, Swap: null })
        {
            _state = _state with { Release = resume.Release, Formation = resume.Formation };
            Reconcile();
        }

        Emit(new CompleteSwap(resume.Operation, _state.IsShuttingDown ? SwapStatus.Interrupted : SwapStatus.Succeeded));
    }

    private void Scale(Formation formation)
    {
        if (_state.IsShuttingDown)
        {
            return;
        }

        // The wish is newer than those that the deploys in progress and in the queue came with.
        _state = _state with
        {
            Formation = formation,
            NeedsRefresh = true,
            Swap = _state.Swap is { } swap ? swap with { Formation = formation } : null,
            Queue = _state.Queue.ConvertAll(request => request.Kind == SwapKind.Deploy ? request with { Formation = formation } : request),
        };
        Reconcile();
        FollowSizes();
        FollowFormation();
    }

    private void Stop(SupervisorMessage.Stop stop)
    {
        foreach (var dyno in _state.Dynos.Values.Where(dyno => stop.Selector.Matches(dyno.Name) && dyno.State != DynoState.Idle).ToArray())
        {
            Replace(dyno, dyno.Release, DynoTurn.Stop);
        }

        Emit(new CompleteSwap(stop.Operation, SwapStatus.Succeeded));
    }

    private void ShutDown(TimeSpan? grace)
    {
        if (_state.IsShuttingDown)
        {
            return;
        }

        var interrupted = (_state.Swap?.Request.Operations ?? []).Concat(_state.Queue.SelectMany(request => request.Operations)).ToArray();
        _state = _state with { IsShuttingDown = true, ShutdownGrace = grace, Swap = null, Queue = [], CyclesDue = [], Sleep = null, WantedSleep = null };
        CancelRefresh();
        foreach (var dyno in _state.Dynos.Values.Reverse().ToArray())
        {
            RemoveDyno(dyno);
        }

        foreach (var run in _state.Runs.Values.ToArray())
        {
            Leave(run);
        }

        foreach (var operation in interrupted)
        {
            Emit(new CompleteSwap(operation, SwapStatus.Interrupted));
        }
    }

    /// <summary>Starts what is wanted and not there, stops what is there and not wanted.</summary>
    private void Reconcile()
    {
        var judged = _state.Swap is { JudgesOthers: true } swap ? swap : null;
        var types = (_state.Release?.Slug.ProcessTypes.Keys ?? [])
            .Concat(judged?.Release.Slug.ProcessTypes.Keys.Where(type => type != ProcessType.Web) ?? []);
        var diff = FormationDiff.Between(_state.Dynos.Keys, _state.Formation, types);
        foreach (var name in diff.Stop)
        {
            RemoveDyno(_state.Dynos[name]);
        }

        foreach (var name in diff.Start)
        {
            var release = judged is not null && name.Type != ProcessType.Web && judged.Release.Slug.ProcessTypes.ContainsKey(name.Type) ? judged.Release : _state.Release!;
            AddDyno(name, release);
        }
    }

    private void AddDyno(DynoName name, RunningRelease release)
    {
        var dyno = new FormationDyno
        {
            Name = name,
            Release = release,
            Id = DynoIds.Of(_state.Seed, TakeNumber()),
            Command = release.Slug.ProcessTypes[name.Type],
            Size = SizeOf(name.Type, _state.Formation),
            State = IsAsleep(name.Type) ? DynoState.Idle : DynoState.Starting,
            Since = now,
        };
        Set(dyno);
        TryLaunch(dyno);
    }

    private void RemoveDyno(FormationDyno dyno)
    {
        CancelBackoff(dyno);
        _state = _state with { Dynos = _state.Dynos.Remove(dyno.Name) };
        Turn(dyno, DynoTurn.Stop);
        LeaveRunOf(dyno);
    }

    /// <summary>Old before new: takes the place's start out of service; the next one begins when it is gone, or, for web, at once.</summary>
    private void Replace(FormationDyno dyno, RunningRelease release, DynoTurn turn = DynoTurn.Replace, bool isCycling = false)
    {
        CancelBackoff(dyno);
        dyno = Turn(dyno, turn);
        LeaveRunOf(dyno);
        dyno = dyno with
        {
            Release = release,
            Command = release.Slug.ProcessTypes[dyno.Name.Type],
            Run = null,
            Backoff = null,
            Crashes = 0,
            IsCycling = isCycling,
        };
        Set(dyno);
        TryLaunch(dyno);
    }

    /// <summary>Starts a place that waits for its start, unless an earlier start of a dyno that must not run twice is not quite gone.</summary>
    private void TryLaunch(FormationDyno dyno)
    {
        if (_state.IsShuttingDown || dyno is not { Run: null, State: DynoState.Starting or DynoState.Down } || (!dyno.Listens && _state.Runs.Values.Any(run => run.Name == dyno.Name)))
        {
            return;
        }

        dyno = Turn(dyno, DynoTurn.Start);
        var formation = _state.Swap is { } swap && ReferenceEquals(swap.Release, dyno.Release) ? swap.Formation : _state.Formation;
        var run = Launch(dyno.Name, dyno.Release, formation);
        Set(dyno with { Run = run.Number, Id = run.Id, Command = run.Command, Size = run.Size });
    }

    private void Crash(FormationDyno dyno, DynoRun run)
    {
        var backoff = _state.Options.RestartBackoff;
        var crashes = run.UpSince is { } since && now - since >= backoff.ResetAfter ? 1 : dyno.Crashes + 1;
        dyno = Turn(dyno, DynoTurn.End) with { Run = null, Crashes = crashes, IsCycling = false };
        var delay = backoff.DelayAfter(crashes);
        if (delay == TimeSpan.Zero)
        {
            StartAgain(dyno);
            return;
        }

        var number = TakeNumber();
        Set(dyno with { Backoff = number });
        Emit(new SetTimer(new(TimerKind.Backoff, number), delay));
    }

    private void EndBackoff(long number)
    {
        if (_state.Dynos.Values.FirstOrDefault(dyno => dyno.Backoff == number) is { } dyno)
        {
            StartAgain(dyno);
        }
    }

    private void StartAgain(FormationDyno dyno)
    {
        dyno = Turn(dyno, DynoTurn.Start) with { Backoff = null };
        Set(dyno);
        TryLaunch(dyno);
    }

    /// <summary>Moves a place to the state that <see cref="DynoStates"/> has for it, and says so.</summary>
    private FormationDyno Turn(FormationDyno dyno, DynoTurn turn)
    {
        var next = DynoStates.Next(dyno.Kind, dyno.State, turn);
        if (next == dyno.State)
        {
            return dyno;
        }

        if (DynoStates.Word(dyno.State) != DynoStates.Word(next))
        {
            Emit(new WriteLog(dyno.Name, DynoLines.Changed(dyno.State, next), dyno.Run));
        }

        return dyno with { State = next, Since = now };
    }

    private void CancelBackoff(FormationDyno dyno)
    {
        if (dyno.Backoff is { } number)
        {
            Emit(new CancelTimer(new(TimerKind.Backoff, number)));
        }
    }

    private void LeaveRunOf(FormationDyno dyno)
    {
        if (dyno.Run is { } number && _state.Runs.TryGetValue(number, out var run))
        {
            Leave(run);
        }
    }
}
