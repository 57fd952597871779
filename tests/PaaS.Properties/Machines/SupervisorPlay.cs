using PaaS.Runtime;
using PaaS.Runtime.Tests;

namespace PaaS.Properties;

/// <summary>A schedule of events, each chosen by a number among those that may happen, and the model of what must come of it.</summary>
internal sealed class SupervisorPlay
{
    private static readonly string[][] Slugs = [["web", "worker"], ["web", "worker", "clock"], ["web"], ["worker"], ["web", "clock"]];
    private static readonly DynoSize[] Sizes = [DynoSize.Standard1X, DynoSize.Eco, DynoSize.Standard2X, DynoSize.Eco];
    private readonly Dictionary<long, (RunningRelease Release, Formation Formation, int Scalings)> _deploys = [];
    private readonly HashSet<long> _seen = [];
    private RunningRelease? _release;
    private Formation _formation = Formation.Empty;
    private int _scalings;
    private int _version;

    public SupervisorWorld World { get; } = new();

    /// <summary>Whether exactly the wanted dynos run, of the release that was last judged good, all of them up and the web dynos in the table.</summary>
    public bool HasReachedItsFormation
    {
        get
        {
            var shown = World.State.ToSnapshots();
            var wanted = FormationDiff.Wanted(_formation, _release?.Slug.ProcessTypes.Keys ?? []);
            return shown.Select(dyno => dyno.Name).SequenceEqual(wanted)
                && shown.All(dyno => dyno.State == DynoState.Up && dyno.Release == _release!.Version && _formation.TryGet(dyno.Name.Type, out var entry) && entry.Size == dyno.Size)
                && World.State.Runs.Count == shown.Length
                && World.Dynos.Values.Count(dyno => dyno.IsRunning) == shown.Length
                && World.Routed.Select(dyno => dyno.Name).SequenceEqual(wanted.Where(name => name.Type == ProcessType.Web).Select(name => name.ToString()))
                && World.Asked.All(World.Verdicts.ContainsKey);
        }
    }

    /// <summary>What is wanted, what there is, and the last lines: for a law that is broken.</summary>
    public string Describe() => $"""
        Wanted of {_release?.Version}: {string.Join(' ', _formation)}
        There is: {string.Join(' ', World.State.ToSnapshots().Select(dyno => $"{dyno.Name}:{dyno.Size}:{dyno.Release}:{dyno.State}"))}
        Starts: {string.Join(' ', World.State.Runs.Values.Select(run => $"{run.Name}:{run.Phase}"))}; sleep: {World.State.Sleep}; refresh: {World.State.NeedsRefresh}
        {string.Join('\n', World.Lines.TakeLast(60))}
        """;

    public void Take(int choice)
    {
        var which = choice / 100;
        switch (choice % 100)
        {
            case < 50:
                Pick([.. World.Benign()], which)?.Invoke();
                break;
            case < 58:
                if (World.NextDue is not null)
                {
                    World.FireNext(3000);
                }

                break;
            case < 64:
                if (Pick([.. World.Dynos.Values.Where(dyno => dyno.IsRunning)], which) is { } crashing)
                {
                    World.Exit(crashing, new ProcessExit(which % 3, (ProcessExitReason)(which / 3 % 3)), 3000);
                }

                break;
            case < 65:
                if (Pick([.. World.Dynos.Values.Where(dyno => !dyno.IsGone)], which) is { } lost)
                {
                    (lost.IsTermLost, lost.LostKills) = (which % 2 == 0, which / 2 % 3);
                }

                break;
            case < 68:
                if (Pick([.. World.Dynos.Values.Where(dyno => !dyno.IsGone)], which) is { } measured)
                {
                    World.Measure(measured, 400 + (which / 7 % 1000), which / 11 % 10 == 0 ? 1 : 0);
                }

                break;
            case < 70:
                if (Pick([.. World.Dynos.Values.Where(dyno => dyno.IsWatched)], which) is { } ill)
                {
                    World.Unhealthy(ill);
                }

                break;
            case < 73:
                Sleep(which);
                break;
            case < 77:
                if (Pick([.. World.Dynos.Values.Where(dyno => dyno.IsLaunching)], which) is { } refused)
                {
                    World.StartFailed(refused);
                }

                break;
            case < 83:
                Deploy(which);
                break;
            case < 89:
                _scalings++;
                World.Scale(_formation = FormationOf(which));
                break;
            case < 92:
                World.Restart(SelectorOf(which));
                break;
            case < 94:
                World.Stop(SelectorOf(which));
                break;
            case < 95:
                World.Advance(TimeSpan.FromSeconds(which % 900));
                break;
            case < 96 when _deploys.Count == 0 && _release is null:
                World.Resume(_release = ReleaseOf(which), _formation = FormationOf(which));
                break;
            default:
                TellLate(which);
                break;
        }

        Follow();
    }

    /// <summary>From now on nothing fails: lets everything come to rest.</summary>
    public void Heal()
    {
        Rest();
        if (World.State is { Sleep: not null } or { WantedSleep: not null })
        {
            World.FallAsleep();
            World.Wake();
            Rest();
        }

        Follow();
    }

    private void Rest()
    {
        World.Settle();
        for (var limit = 0; World.HasTimers; limit++)
        {
            Assert.True(limit < 10_000, "The machine does not come to rest.");
            World.FireNext();
            World.Settle();
        }
    }

    private void Sleep(int which)
    {
        switch (which % 6)
        {
            case 0:
                World.FallAsleep(canWake: false);
                break;
            case 1:
                World.FallAsleep();
                break;
            case 2:
                World.Use(isUsed: true);
                break;
            case 3:
                World.Advance(TimeSpan.FromMinutes(30));
                World.Use(isUsed: false);
                break;
            default:
                World.Wake();
                break;
        }
    }

    private void Deploy(int which)
    {
        var (release, formation) = (ReleaseOf(which), FormationOf(which / 5));
        var scalings = _scalings;
        var operation = World.Asked.Count + 1;
        _deploys[operation] = (release, formation, scalings);
        World.Deploy(release, formation);
    }

    /// <summary>What happened a moment before the machine decided otherwise.</summary>
    private void TellLate(int which)
    {
        if (which % 2 == 0 && World.CancelledTimers.Count > 0)
        {
            World.Tell(new SupervisorMessage.TimerFired(World.CancelledTimers[which / 2 % World.CancelledTimers.Count], []));
        }
        else if (Pick([.. World.Dynos.Values.Where(dyno => !dyno.IsLaunching && !dyno.IsWatched)], which / 2) is { } late)
        {
            World.Tell(new SupervisorMessage.Ready(late.Number));
        }
    }

    private void Follow()
    {
        foreach (var complete in World.Effects.OfType<SupervisorEffect.CompleteSwap>().Where(complete => _seen.Add(complete.Operation)).ToArray())
        {
            if (complete.Status == SwapStatus.Succeeded && _deploys.TryGetValue(complete.Operation, out var deploy))
            {
                _release = deploy.Release;
                _formation = deploy.Scalings == _scalings ? deploy.Formation : _formation;
            }
        }
    }

    private RunningRelease ReleaseOf(int which) => SupervisorWorld.Release(++_version, Slugs[which % Slugs.Length]);

    private static Formation FormationOf(int which) => Formation.Empty
        .With(ProcessType.Web, which % 4, Sizes[which / 4 % 4])
        .With(ProcessType.Worker, which / 16 % 3, Sizes[which / 48 % 4])
        .With(ProcessType.Parse("clock"), which / 192 % 2, Sizes[which / 4 % 4]);

    private static DynoSelector SelectorOf(int which) => (which % 4) switch
    {
        0 => DynoSelector.All,
        1 => DynoSelector.OfType(ProcessType.Web),
        2 => DynoSelector.OfType(ProcessType.Worker),
        _ => DynoSelector.One(new DynoName(ProcessType.Web, 1 + (which / 4 % 3))),
    };

    private static T? Pick<T>(IReadOnlyList<T> from, int which) where T : class => from.Count == 0 ? null : from[which % from.Count];
}
