using static PaaS.Runtime.SupervisorEffect;

namespace PaaS.Runtime;

/// <content>The sleep of dynos that nobody asks anything.</content>
internal sealed partial class SupervisorTurn
{
    /// <summary>Whether a dyno of this type is to sleep while <see cref="SupervisorState.Sleep"/> is on: all do whose size sleeps, and with sleeping web dynos every other.</summary>
    private static bool Sleeps(ProcessType type, Formation formation) =>
        SizeOf(type, formation).Sleeps || (formation.TryGet(ProcessType.Web, out var web) && web.Quantity > 0 && web.Size.Sleeps);

    private bool IsAsleep(ProcessType type) => _state.Sleep is not null && Sleeps(type, _state.Formation);

    private void OnUseRead(bool isUsed)
    {
        if (isUsed)
        {
            _state = _state with { QuietSince = now };
        }
        else if (_state is { Options.IdleAfter: { } idle, Sleep: null, Swap: null, Queue.IsEmpty: true, IsShuttingDown: false } && now - _state.QuietSince >= idle)
        {
            var web = _state.Dynos.Values.Where(dyno => dyno.Listens).ToArray();
            if (web.All(dyno => dyno.Size.Sleeps) && web.Any(dyno => dyno.State == DynoState.Up))
            {
                FallAsleep(new(CanWake: true));
            }
        }
    }

    private void OnFallAsleep(bool canWake)
    {
        if (!_state.IsShuttingDown)
        {
            _state = _state with { WantedSleep = new(canWake) };
        }
    }

    private void FallAsleep(Sleep sleep)
    {
        _state = _state with { Sleep = sleep, WantedSleep = null };
        Lull();
    }

    /// <summary>Sends to sleep what is to sleep and is awake.</summary>
    private void Lull()
    {
        foreach (var dyno in _state.Dynos.Values.Where(dyno => dyno.State != DynoState.Idle && IsAsleep(dyno.Name.Type)).ToArray())
        {
            CancelBackoff(dyno);
            Log(dyno.Name, _state.Sleep!.CanWake ? DynoLines.Idling : DynoLines.IdlingForQuota);
            var idle = Turn(dyno, DynoTurn.Sleep);
            LeaveRunOf(dyno);
            Set(idle with { Run = null, Backoff = null, Crashes = 0, IsCycling = false });
        }
    }

    private void OnWake()
    {
        // A sleep that was asked for later holds, also while it waits for the end of a swap.
        if (!_state.IsShuttingDown && (_state.WantedSleep ?? _state.Sleep) is { CanWake: true })
        {
            _state = _state with { WantedSleep = null };
            WakeUp();
        }
    }

    /// <summary>Starts whatever sleeps.</summary>
    private void WakeUp()
    {
        _state = _state with { Sleep = null, QuietSince = now };
        foreach (var dyno in _state.Dynos.Values.Where(dyno => dyno.State == DynoState.Idle).ToArray())
        {
            // What has changed for it in its sleep is looked at when it is awake.
            _state = _state with { NeedsRefresh = true };
            Log(dyno.Name, DynoLines.Unidling);
            var awake = Turn(dyno, DynoTurn.Start);
            Set(awake);
            TryLaunch(awake);
        }
    }

    /// <summary>The formation has changed under sleeping dynos: they show their new size, and wake if it does not sleep, or if there is no web dyno left whose requests would wake them.</summary>
    private void FollowSizes()
    {
        if (_state.Sleep is not { } sleep)
        {
            return;
        }

        var idle = _state.Dynos.Values.Where(dyno => dyno.State == DynoState.Idle).ToArray();
        if (idle.Any(dyno => !Sleeps(dyno.Name.Type, _state.Formation)) || (sleep.CanWake && !idle.Any(dyno => dyno.Listens)))
        {
            WakeUp();
            return;
        }

        foreach (var dyno in idle)
        {
            Set(dyno with { Size = SizeOf(dyno.Name.Type, _state.Formation) });
        }

        Lull();
    }

    /// <summary>
    /// A swap begins while dynos sleep. A deploy wakes them at its verdict, by what it starts; a restart wakes them at once. With no free
    /// hours left nothing starts: the release is current, its dynos sleep.
    /// </summary>
    /// <returns>Whether that was all.</returns>
    private bool BeginAsleep(SwapRequest request, RunningRelease release)
    {
        if (_state.Sleep is not { } sleep)
        {
            return false;
        }

        switch (request.Kind)
        {
            case SwapKind.Restart when sleep.CanWake:
                WakeUp();
                break;
            case SwapKind.Deploy when !sleep.CanWake && FormationDiff.Wanted(request.Formation!, release.Slug.ProcessTypes.Keys).All(name => Sleeps(name.Type, request.Formation!)):
                AdoptAsleep(release, request.Formation!);
                break;
            default:
                return false;
        }

        Complete(request, SwapStatus.Succeeded);
        return true;
    }

    private void AdoptAsleep(RunningRelease release, Formation formation)
    {
        _state = _state with { Release = release, Formation = formation };
        Reconcile();
        Lull();
        foreach (var dyno in _state.Dynos.Values.ToArray())
        {
            Set(dyno with { Release = release, Command = release.Slug.ProcessTypes[dyno.Name.Type], Size = SizeOf(dyno.Name.Type, formation) });
        }
    }
}
