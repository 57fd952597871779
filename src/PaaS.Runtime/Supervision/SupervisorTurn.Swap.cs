using System.Collections.Immutable;
using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The one swap procedure.</content>
internal sealed partial class SupervisorTurn
{
    /// <summary>Deploys wait in their order, and behind them one restart at most, whatever number was asked for.</summary>
    private void Enqueue(SwapRequest request)
    {
        var queue = _state.Queue;
        if (_state.IsShuttingDown)
        {
            Complete(request, SwapStatus.Interrupted);
        }
        else if (queue is [.., { Kind: SwapKind.Restart } restart])
        {
            _state = _state with
            {
                Queue = request.Kind == SwapKind.Restart ? queue.SetItem(queue.Count - 1, restart.With(request)) : queue.Insert(queue.Count - 1, request),
            };
        }
        else
        {
            _state = _state with { Queue = queue.Add(request) };
        }
    }

    private void BeginSwaps()
    {
        while (_state is { Swap: null, IsShuttingDown: false })
        {
            if (!_state.Queue.IsEmpty)
            {
                var request = _state.Queue[0];
                _state = _state with { Queue = _state.Queue.RemoveAt(0) };
                Begin(request);
            }
            else if (_state.WantedSleep is { } sleep)
            {
                FallAsleep(sleep);
            }
            else if (_state.NeedsRefresh)
            {
                CancelRefresh();
                _state = _state with { NeedsRefresh = false };
                Begin(new(SwapKind.Refresh));
            }
            else if (TakeCycles() is { } cycle)
            {
                Begin(cycle);
            }
            else
            {
                return;
            }
        }
    }

    private void Begin(SwapRequest request)
    {
        if ((request.Release ?? _state.Release) is not { } release)
        {
            Complete(request, SwapStatus.Succeeded);
            return;
        }

        if (BeginAsleep(request, release))
        {
            return;
        }

        _state = _state with { Swap = new(request, release, request.Formation ?? _state.Formation) };
        ImmutableArray<DynoName> web;
        if (request.Kind == SwapKind.Deploy)
        {
            web = [.. Wanted(_state.Swap).Where(name => name.Type == ProcessType.Web)];
        }
        else
        {
            var chosen = _state.Dynos.Values.Where(dyno => IsMeant(_state.Swap, dyno)).ToArray();
            web = [.. chosen.Where(dyno => dyno.Listens).Select(dyno => dyno.Name)];
            foreach (var dyno in request.Kind is SwapKind.Restart or SwapKind.Cycle ? chosen : [])
            {
                Log(dyno.Name, request.Kind == SwapKind.Cycle ? DynoLines.Cycling : DynoLines.Restarting);
                if (dyno is { Listens: true, State: DynoState.Up })
                {
                    Log(dyno.Name, DynoLines.Changed(DynoState.Up, DynoState.Starting));
                }
            }
        }

        foreach (var name in web)
        {
            AddCandidate(name);
        }

        Judge();
    }

    /// <summary>Whether the swap is to replace a dyno that holds a place of the formation.</summary>
    private static bool IsMeant(Swap swap, FormationDyno dyno) => swap.Request.Kind switch
    {
        SwapKind.Restart => swap.Request.Selectors.Exists(one => one.Matches(dyno.Name)) && dyno.State != DynoState.Idle,
        SwapKind.Cycle => dyno.Run is { } run && swap.Request.Runs.Contains(run),
        SwapKind.Refresh when dyno.State == DynoState.Idle => false,
        _ => !ReferenceEquals(dyno.Release, swap.Release)
            || (dyno.Run is not null && swap.Formation.TryGet(dyno.Name.Type, out var entry) && entry.Size != dyno.Size),
    };

    private static ImmutableSortedSet<DynoName> Wanted(Swap swap) => FormationDiff.Wanted(swap.Formation, swap.Release.Slug.ProcessTypes.Keys);

    private void AddCandidate(DynoName name)
    {
        var run = Launch(name, _state.Swap!.Release, _state.Swap.Formation);
        _state = _state with { Swap = _state.Swap with { Candidates = _state.Swap.Candidates.SetItem(name, run.Number) } };
    }

    /// <summary>The formation has changed in the middle of a swap: so does what the swap waits for.</summary>
    private void FollowFormation()
    {
        if (_state.Swap is not { } swap)
        {
            return;
        }

        var wanted = Wanted(swap);
        foreach (var (name, number) in swap.Candidates.Where(candidate => !wanted.Contains(candidate.Key)))
        {
            _state = _state with { Swap = _state.Swap! with { Candidates = _state.Swap!.Candidates.Remove(name) } };
            Leave(_state.Runs[number]);
        }

        if (swap is { Request.Kind: SwapKind.Deploy, JudgesOthers: false })
        {
            foreach (var name in wanted.Where(name => name.Type == ProcessType.Web && !swap.Candidates.ContainsKey(name)))
            {
                AddCandidate(name);
            }
        }

        _state = _state with { Swap = _state.Swap! with { Awaited = _state.Swap!.Awaited.Intersect(wanted) } };
        Judge();
    }

    private void NoteProgress(DynoRun run)
    {
        if (_state.Swap is not { } swap)
        {
            return;
        }

        if (swap.JudgesOthers && ReferenceEquals(run.Release, swap.Release))
        {
            _state = _state with { Swap = swap with { Awaited = swap.Awaited.Remove(run.Name) } };
        }

        Judge();
    }

    /// <summary>Ends the swap if there is nothing left to wait for.</summary>
    private void Judge()
    {
        var swap = _state.Swap!;
        if (swap.JudgesOthers)
        {
            if (swap.Awaited.IsEmpty)
            {
                Commit(swap);
            }
        }
        else if (swap.Candidates.Values.All(number => _state.Runs[number].Phase == DynoPhase.Up))
        {
            if (swap is { Request.Kind: SwapKind.Deploy, Candidates.IsEmpty: true })
            {
                BeginOthers(swap);
            }
            else
            {
                Commit(swap);
            }
        }
    }

    /// <summary>No web dyno to wait for: the verdict is that the others have started.</summary>
    private void BeginOthers(Swap swap)
    {
        if (_state.Sleep is not null)
        {
            WakeUp();
        }

        var names = Wanted(swap).Where(name => name.Type != ProcessType.Web).ToImmutableSortedSet();
        _state = _state with { Swap = swap with { JudgesOthers = true, Awaited = names } };
        foreach (var name in names)
        {
            if (_state.Dynos.TryGetValue(name, out var dyno))
            {
                Replace(dyno, swap.Release);
            }
            else
            {
                AddDyno(name, swap.Release);
            }
        }

        if (names.IsEmpty)
        {
            Commit(_state.Swap);
        }
    }

    /// <summary>The verdict is good: the new web dynos take the places, then the other types are swapped.</summary>
    private void Commit(Swap swap)
    {
        foreach (var (name, number) in swap.Candidates)
        {
            var run = _state.Runs[number];
            if (_state.Dynos.TryGetValue(name, out var old))
            {
                CancelBackoff(old);
                LeaveRunOf(old);
            }

            Set(new FormationDyno
            {
                Name = name,
                Release = run.Release,
                Id = run.Id,
                Command = run.Command,
                Size = run.Size,
                State = DynoState.Up,
                Since = run.UpSince ?? now,
                Run = number,
            });
        }

        var others = _state.Dynos.Values.Where(dyno => !dyno.Listens && IsMeant(swap, dyno)).ToArray();
        _state = _state with { Swap = null, Release = swap.Release, Formation = swap.Formation, Sleep = swap.Request.Kind == SwapKind.Deploy ? null : _state.Sleep };
        Reconcile();
        foreach (var dyno in others.Where(dyno => _state.Dynos.ContainsKey(dyno.Name)))
        {
            Replace(dyno, swap.Release, isCycling: swap.Request.Kind == SwapKind.Cycle);
        }

        if (_state.Sleep is null)
        {
            WakeUp();
        }

        // Places that were made for web dynos of the old release while there was nothing of web to judge.
        if (_state.Dynos.Values.Any(dyno => dyno.State != DynoState.Idle && !ReferenceEquals(dyno.Release, swap.Release)))
        {
            _state = _state with { NeedsRefresh = true };
        }

        if (swap.Request.Kind == SwapKind.Refresh)
        {
            _state = _state with { FailedRefreshes = 0 };
        }

        Complete(swap.Request, SwapStatus.Succeeded);
    }

    /// <summary>The verdict is bad: whatever was started for it stops, and the old dynos never noticed.</summary>
    private void FailSwap(DynoRun failed, string reason)
    {
        var swap = _state.Swap!;
        _state = _state with { Swap = null };
        foreach (var number in swap.Candidates.Values.Where(number => number != failed.Number))
        {
            Leave(_state.Runs[number]);
        }

        // Only with nothing of web to judge has something of the old release been stopped for the new one: back to it.
        foreach (var dyno in _state.Dynos.Values.Where(dyno => !ReferenceEquals(dyno.Release, _state.Release) && ReferenceEquals(dyno.Release, swap.Release)).ToArray())
        {
            if (_state.Release?.Slug.ProcessTypes.ContainsKey(dyno.Name.Type) == true && FormationDiff.Wanted(_state.Formation, [dyno.Name.Type]).Contains(dyno.Name))
            {
                Replace(dyno, _state.Release);
            }
            else
            {
                RemoveDyno(dyno);
            }
        }

        if (swap.Request.Kind == SwapKind.Refresh)
        {
            TryRefreshLater();
        }
        else if (swap.Request.Kind == SwapKind.Cycle)
        {
            TryCycleLater(swap.Request);
        }

        if (swap.Request.Kind is SwapKind.Restart or SwapKind.Cycle)
        {
            TellOldGoOn(swap, failed);
        }

        Complete(swap.Request, SwapStatus.Failed, reason, failed);
    }

    /// <summary>The log has said of web dynos that they start again, or have crashed in that: those that were up still are.</summary>
    private void TellOldGoOn(Swap swap, DynoRun failed)
    {
        foreach (var (name, number) in swap.Candidates)
        {
            var isUp = number != failed.Number && _state.Runs.TryGetValue(number, out var run) && run.UpSince is not null;
            if (!isUp && _state.Dynos.TryGetValue(name, out var old) && old.State == DynoState.Up)
            {
                Log(name, DynoLines.Changed(number == failed.Number ? DynoState.Crashed : DynoState.Starting, DynoState.Up));
            }
        }
    }

    /// <summary>Nobody waits for the verdict of a refresh, and what it is for is still wanted.</summary>
    private void TryRefreshLater()
    {
        var number = TakeNumber();
        _state = _state with { FailedRefreshes = _state.FailedRefreshes + 1, NextRefresh = number };
        Emit(new SetTimer(new(TimerKind.Refresh, number), _state.Options.RestartBackoff.DelayAfter(_state.FailedRefreshes + 1)));
    }

    private void CancelRefresh()
    {
        if (_state.NextRefresh is { } number)
        {
            _state = _state with { NextRefresh = null };
            Emit(new CancelTimer(new(TimerKind.Refresh, number)));
        }
    }

    private void Complete(SwapRequest request, SwapStatus status, string? reason = null, DynoRun? failed = null)
    {
        foreach (var operation in request.Operations)
        {
            Emit(new CompleteSwap(operation, status, reason, failed));
        }
    }
}
