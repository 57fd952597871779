using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>
/// The ledger against a model that knows nothing of composing: it keeps lists, and works out what a release must hold by
/// going through the history anew.
/// </summary>
public class ReleaseLedgerMachine
{
    private static readonly Actor Someone = new(new AccountId(new Guid("11111111-2222-3333-4444-555555555555")), "dev@example.com");

    public abstract record Step
    {
        public sealed record Deploy(int Code, bool HasWorker) : Step;

        public sealed record Set(string Name, string? Value) : Step;

        public sealed record Rollback(int Target) : Step;

        public sealed record Scale(int Quantity) : Step;

        public sealed record Maintain(bool IsOn) : Step;

        public sealed record Hold(int? Seconds) : Step;

        public sealed record Succeed : Step;

        public sealed record Fail : Step;
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (4, from code in Gen.Choose(0, 5) from worker in Gen.Elements(true, false) select (Step)new Step.Deploy(code, worker)),
        (4, from name in Gen.Elements("A", "B", "C") from value in Gen.Elements("1", "2", null) select (Step)new Step.Set(name, value)),
        (3, Gen.Choose(0, 12).Select(target => (Step)new Step.Rollback(target))),
        (1, Gen.Choose(0, 4).Select(quantity => (Step)new Step.Scale(quantity))),
        (1, Gen.Elements(true, false).Select(isOn => (Step)new Step.Maintain(isOn))),
        (1, Gen.Elements<int?>(null, 0, 1, 600, 601).Select(seconds => (Step)new Step.Hold(seconds))),
        (6, Gen.Constant((Step)new Step.Succeed())),
        (3, Gen.Constant((Step)new Step.Fail())));

    private static readonly Gen<Step[]> Histories = Steps.ArrayOf();

    [Fact]
    public void Under_any_interleaving_numbers_only_grow_and_every_release_holds_what_the_model_says() => Law.Holds(Histories, steps =>
    {
        var run = new Run();
        return steps.All(run.Take);
    });

    [Fact]
    public void Folding_a_prefix_and_then_the_rest_is_folding_all() => Law.Holds(Histories, Gen.Choose(0, 100), (steps, at) =>
    {
        var run = new Run();
        Array.ForEach(steps, step => run.Take(step));
        var cut = at % (run.Events.Count + 1);

        var prefix = Fold(null, run.Events.Take(cut));
        var all = Fold(prefix, run.Events.Skip(cut));

        return Text(all) == Text(Fold(null, run.Events)) && Text(all) == Text(run.App);
    });

    private static App? Fold(App? app, IEnumerable<(AppEvent Event, EventOrigin Origin)> events) =>
        events.Aggregate(app, (state, e) => ReleaseLedger.Apply(state, e.Event, e.Origin));

    private static string Text(App? app) => app is null
        ? "none"
        : $"{app.Name} {app.Formation} {Print(app.ConfigVars)} {app.Current?.Version} {app.Maintenance} {app.Routing}\n" + string.Join('\n', app.Releases.Select(r => $"{r.Id} {r.Version} {r.Status} {r.Slug?.Id} {Print(r.ConfigVars)} {r.UpdatedAt:O}"));

    private static string Print(ConfigVars vars) => string.Join(',', vars.Select(v => $"{v.Key}={v.Value}"));

    private static Slug SlugOf(int code, bool worker)
    {
        var digest = new byte[32];
        digest[0] = (byte)code;
        digest[1] = worker ? (byte)1 : (byte)0;
        var types = ImmutableSortedDictionary<ProcessType, string>.Empty.Add(ProcessType.Web, "run web");
        return new Slug(SlugId.FromDigest(digest), code, worker ? types.Add(ProcessType.Worker, "run worker") : types, $"{code:x40}", "Node.js", Slug.DefaultStack);
    }

    /// <summary>The system and the model, side by side.</summary>
    private sealed class Run
    {
        private readonly List<ModelRelease> _model = [new ModelRelease("initial", null, null, 0) { Status = ReleaseStatus.Succeeded }];
        private bool _maintenance;
        private int? _hold;
        private long _tick;

        public Run() => Do(new AppCommand.Create(new AppId(Guid.Empty), AppName.Parse("floating-dragon-42"), 1));

        public App App { get; private set; } = null!;

        public List<(AppEvent Event, EventOrigin Origin)> Events { get; } = [];

        public bool Take(Step step)
        {
            var before = App;
            var decision = step switch
            {
                Step.Deploy x => Do(new AppCommand.Deploy(SlugOf(x.Code, x.HasWorker), "refs/heads/main")),
                Step.Set x => Do(new AppCommand.ChangeConfig(ConfigPatch.Create(x.Name, x.Value))),
                Step.Rollback x => Do(new AppCommand.Rollback(new ReleaseVersion(x.Target))),
                Step.Scale x => Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Web, x.Quantity)])),
                Step.Maintain x => Do(new AppCommand.SetMaintenance(x.IsOn)),
                Step.Hold x => Do(new AppCommand.ChangeRouting(new RoutePatch { Hold = new(x.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null) })),
                Step.Succeed => Settle(null),
                _ => Settle("it did not get ready"),
            };
            Follow(step, decision);
            return NumbersOnlyGrow(before) && HoldsWhatTheModelSays() && RollbacksAreExact();
        }

        private Decision Settle(string? failure) =>
            App.Pending is { } pending ? Do(new AppCommand.Settle(pending.Version, failure)) : Decision.Nothing;

        private Decision Do(AppCommand command)
        {
            var decision = ReleaseLedger.Decide(App, command);
            foreach (var e in decision.Events)
            {
                var origin = new EventOrigin(Someone, DateTimeOffset.UnixEpoch.AddSeconds(++_tick));
                Events.Add((e, origin));
                App = ReleaseLedger.Apply(App, e, origin);
            }

            return decision;
        }

        private void Follow(Step step, Decision decision)
        {
            switch (step)
            {
                case Step.Deploy x:
                    _model.Add(new ModelRelease("deploy", SlugOf(x.Code, x.HasWorker).Id, null, 0));
                    break;
                case Step.Set x when !decision.Events.IsEmpty:
                    _model.Add(new ModelRelease("config", null, (x.Name, x.Value), 0));
                    break;
                case Step.Rollback x when !decision.Events.IsEmpty:
                    _model.Add(new ModelRelease("rollback", null, null, x.Target));
                    break;
                case Step.Maintain x:
                    _maintenance = x.IsOn;
                    break;
                case Step.Hold { Seconds: not (0 or 601) } x:
                    _hold = x.Seconds;
                    break;
                case Step.Succeed or Step.Fail when _model.Find(r => r.Status == ReleaseStatus.Pending) is { } pending:
                    pending.Status = step is Step.Succeed ? ReleaseStatus.Succeeded : ReleaseStatus.Failed;
                    break;
            }
        }

        private bool NumbersOnlyGrow(App before) =>
            App.Releases.Count >= before.Releases.Count
            && App.Releases.Select(r => r.Version.Number).SequenceEqual(Enumerable.Range(1, App.Releases.Count))
            && before.Releases.Where(r => r.Status != ReleaseStatus.Pending).All(r => App.Find(r.Version) == r);

        private bool HoldsWhatTheModelSays()
        {
            // A release holds what all before it led to, the failed ones left out, but for stored config, which a failed change leaves.
            SlugId? slug = null;
            var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var history = new List<(SlugId? Slug, string Config)>();
            foreach (var release in _model)
            {
                var (own, config) = release.Kind switch
                {
                    "deploy" => (release.Slug, stored),
                    "config" => (slug, With(stored, release.Change!.Value)),
                    "rollback" => (history[release.Target - 1].Slug, Parse(history[release.Target - 1].Config)),
                    _ => (slug, stored),
                };
                history.Add((own, Print(config)));
                if (release.Status != ReleaseStatus.Failed)
                {
                    (slug, stored) = (own, config);
                }
                else if (release.Kind == "config")
                {
                    stored = config;
                }
            }

            return App.Maintenance == _maintenance
                && App.Routing == (_hold is { } hold ? new RouteSettings { Hold = TimeSpan.FromSeconds(hold) } : RouteSettings.Default)
                && App.Releases.Count == _model.Count
                && App.Releases.Zip(_model, history).All(x => x.First.Status == x.Second.Status && x.First.Slug?.Id == x.Third.Slug && ReleaseLedgerMachine.Print(x.First.ConfigVars) == x.Third.Config)
                && ReleaseLedgerMachine.Print(App.ConfigVars) == Print(stored)
                && App.Current?.Version.Number == _model.FindLastIndex(r => r.Status == ReleaseStatus.Succeeded) + 1;
        }

        private bool RollbacksAreExact() => App.Releases.All(release =>
            release.Cause is not ReleaseCause.Rollback rollback
            || (App.Find(rollback.Target) is { } target && target.Slug == release.Slug && target.ConfigVars.Equals(release.ConfigVars)));

        private static SortedDictionary<string, string> With(SortedDictionary<string, string> vars, (string Name, string? Value) change)
        {
            var result = new SortedDictionary<string, string>(vars, StringComparer.Ordinal);
            if (change.Value is null)
            {
                result.Remove(change.Name);
            }
            else
            {
                result[change.Name] = change.Value;
            }

            return result;
        }

        private static string Print(SortedDictionary<string, string> vars) => string.Join(',', vars.Select(v => $"{v.Key}={v.Value}"));

        private static SortedDictionary<string, string> Parse(string text) => new(
            text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]), StringComparer.Ordinal);
    }

    private sealed record ModelRelease(string Kind, SlugId? Slug, (string Name, string? Value)? Change, int Target)
    {
        public ReleaseStatus Status { get; set; } = ReleaseStatus.Pending;
    }
}
