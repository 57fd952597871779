using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Several apps that share a store, deploys, rollbacks and sweeps in any order: whatever a release can still be asked for is in the store.</summary>
public class SlugRetentionLaws
{
    private static readonly Actor Someone = new(new AccountId(new Guid("11111111-2222-3333-4444-555555555555")), "dev@example.com");

    public abstract record Step
    {
        public sealed record Deploy(int App, int Code) : Step;

        public sealed record Set(int App, int Value) : Step;

        public sealed record Rollback(int App, int Target) : Step;

        public sealed record Settle(int App, bool Succeeds) : Step;

        public sealed record Destroy(int App) : Step;

        /// <summary>Removes slugs until so many are left, or none more can go.</summary>
        public sealed record Sweep(int Room, int Kept) : Step;
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (5, from app in Gen.Choose(0, 2) from code in Gen.Choose(0, 7) select (Step)new Step.Deploy(app, code)),
        (2, from app in Gen.Choose(0, 2) from value in Gen.Choose(0, 3) select (Step)new Step.Set(app, value)),
        (3, from app in Gen.Choose(0, 2) from target in Gen.Choose(0, 15) select (Step)new Step.Rollback(app, target)),
        (8, from app in Gen.Choose(0, 2) from succeeds in Gen.Elements(true, true, false) select (Step)new Step.Settle(app, succeeds)),
        (1, Gen.Choose(0, 40).Select(app => (Step)new Step.Destroy(app))),
        (3, from room in Gen.Choose(0, 6) from kept in Gen.Choose(1, 4) select (Step)new Step.Sweep(room, kept)));

    private static readonly Gen<Step[]> Histories = Steps.ArrayOf().Resize(80);

    [Fact]
    public void No_slug_that_runs_that_waits_or_that_a_rollback_can_name_is_ever_removed() => Law.Holds(Histories, steps =>
    {
        var world = new World();
        return steps.All(step =>
        {
            world.Take(step);
            return world.Apps.All(app => app.Releases.All(release =>
                release.Slug is not { } slug
                || !(release.IsEligibleForRollback || release.Status == ReleaseStatus.Pending || release.Version == app.Current?.Version)
                || world.Store.Contains(slug.Id)));
        });
    });

    [Fact]
    public void A_rollback_is_accepted_just_when_its_slug_is_there_and_the_newest_releases_can_always_be_named() => Law.Holds(Histories, Gen.Choose(1, 4), (steps, kept) =>
    {
        var world = new World();
        Array.ForEach(steps, step => world.Take(step is Step.Sweep sweep ? sweep with { Kept = kept } : step));
        return world.Apps.All(app =>
        {
            var once = app.Releases.Where(release => release is { Status: ReleaseStatus.Succeeded, Slug: not null }).ToList();
            return once.All(release => (ReleaseLedger.Decide(app, new AppCommand.Rollback(release.Version)).Refusal is null) == !release.IsSlugGivenUp)
                && once.Where(release => !release.IsSlugGivenUp).All(release => world.Store.Contains(release.Slug!.Id))
                && once.TakeLast(kept).All(release => !release.IsSlugGivenUp);
        });
    });

    [Fact]
    public void Without_room_a_sweep_leaves_only_what_is_needed() => Law.Holds(Histories, Gen.Choose(1, 4), (steps, kept) =>
    {
        var world = new World();
        Array.ForEach(steps, world.Take);
        world.Take(new Step.Sweep(0, kept));
        return world.Store.SetEquals(world.Apps.SelectMany(app => SlugRetention.Needs(app, kept)));
    });

    private static Slug SlugOf(int code)
    {
        var digest = new byte[32];
        digest[0] = (byte)code;
        return new Slug(SlugId.FromDigest(digest), 1, ImmutableSortedDictionary<ProcessType, string>.Empty.Add(ProcessType.Web, "run"), $"{code:x40}", "Node.js", Slug.DefaultStack);
    }

    /// <summary>Three apps and their store; a sweep does what the host's does, in its order.</summary>
    private sealed class World
    {
        private readonly App[] _apps = new App[3];
        private long _tick;

        public World()
        {
            for (var i = 0; i < _apps.Length; i++)
            {
                Do(i, new AppCommand.Create(new AppId(new Guid(i + 1, 0, 0, new byte[8])), AppName.Parse($"app-{i}-name"), i + 1));
            }
        }

        public HashSet<SlugId> Store { get; } = [];

        public IReadOnlyList<App> Apps => [.. _apps.Where(app => !app.IsDestroyed)];

        public void Take(Step step)
        {
            switch (step)
            {
                case Step.Deploy x:
                    // Stored before it is deployed, as a build does.
                    Store.Add(SlugOf(x.Code).Id);
                    Do(x.App, new AppCommand.Deploy(SlugOf(x.Code), null));
                    break;
                case Step.Set x:
                    Do(x.App, new AppCommand.ChangeConfig(ConfigPatch.Create("A", $"{x.Value}")));
                    break;
                case Step.Rollback x:
                    Do(x.App, new AppCommand.Rollback(new ReleaseVersion(x.Target)));
                    break;
                case Step.Settle x when _apps[x.App].Pending is { } pending:
                    Do(x.App, new AppCommand.Settle(pending.Version, x.Succeeds ? null : "it did not get ready"));
                    break;
                case Step.Destroy { App: < 3 } x:
                    Do(x.App, new AppCommand.Destroy());
                    Store.IntersectWith(SlugRetention.Held(_apps));
                    break;
                case Step.Sweep x:
                    Sweep(x);
                    break;
            }
        }

        private void Sweep(Step.Sweep sweep)
        {
            Store.IntersectWith(SlugRetention.Held(_apps));
            foreach (var slug in SlugRetention.Plan(_apps, sweep.Kept))
            {
                if (Store.Count <= sweep.Room)
                {
                    return;
                }

                for (var i = 0; i < _apps.Length; i++)
                {
                    Do(i, new AppCommand.GiveUpSlugs([slug], sweep.Kept));
                }

                if (!SlugRetention.Held(_apps).Contains(slug))
                {
                    Store.Remove(slug);
                }
            }
        }

        private void Do(int app, AppCommand command)
        {
            foreach (var e in ReleaseLedger.Decide(_apps[app], command).Events)
            {
                _apps[app] = ReleaseLedger.Apply(_apps[app], e, new EventOrigin(Someone, DateTimeOffset.UnixEpoch.AddSeconds(++_tick)));
            }
        }
    }
}
