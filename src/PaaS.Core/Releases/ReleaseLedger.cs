using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>
/// The rules of an app's life, pure: a state is the fold of its events, a decision is a value.
/// <para>
/// Releases are settled strictly in order, one at a time. A release that waits behind another is composed from the
/// release before it, on the assumption that that one succeeds; when it fails, those behind it are composed anew:
/// </para>
/// <code>
///   settled ............ | pending .........................
///   v1 ok  v2 ok  v3 x   | v4 Deploy S4     v5 Set A         v6 Rollback v2
///                        | S4, stored vars  S4, vars + A     slug and vars of v2
///   if v4 fails:                            S2, vars + A     slug and vars of v2
/// </code>
/// <para>
/// Stored config vars outlive a failed release: the next release carries them. A failed rollback changes nothing.
/// </para>
/// </summary>
public static class ReleaseLedger
{
    /// <summary>Folds one event into the state.</summary>
    /// <param name="app">The state; <see langword="null"/> before the first event.</param>
    /// <param name="e">The event.</param>
    /// <param name="origin">Who caused it, and when.</param>
    /// <exception cref="JournalFormatException">The event cannot follow on the state.</exception>
    public static App Apply(App? app, AppEvent e, EventOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(e);
        if (e is AppEvent.Created created)
        {
            return app is not null
                ? throw new JournalFormatException($"App {created.Id} is created twice in its stream.")
                : new App
                {
                    Id = created.Id,
                    Name = created.Name,
                    Owner = origin.By,
                    UserId = created.UserId,
                    CreatedAt = origin.Time,
                    UpdatedAt = origin.Time,
                };
        }

        if (app is null)
        {
            throw new JournalFormatException($"An app's stream begins with {e.GetType().Name} instead of its creation.");
        }

        return Change(app, e, origin) with { UpdatedAt = origin.Time };
    }

    /// <summary>Decides what comes of a command. Nothing is changed by deciding.</summary>
    /// <param name="app">The state; <see langword="null"/> if the app does not exist yet.</param>
    /// <param name="command">The command.</param>
    public static Decision Decide(App? app, AppCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command is AppCommand.Create create)
        {
            return app is null
                ? Decision.Accept(
                    new AppEvent.Created(create.Id, create.Name, create.UserId),
                    new AppEvent.ReleaseCreated(Guid.NewGuid(), new ReleaseVersion(1), new ReleaseCause.Initial(), "Initial release"),
                    new AppEvent.ReleaseSucceeded(new ReleaseVersion(1)))
                : Decision.Refuse(RefusalCode.Conflict, $"App {create.Id} exists already.");
        }

        if (app is null || app.IsDestroyed)
        {
            return Decision.Refuse(RefusalCode.NotFound, "Couldn't find that app.");
        }

        return command switch
        {
            AppCommand.Rename rename => rename.Name == app.Name ? Decision.Nothing : Decision.Accept(new AppEvent.Renamed(rename.Name)),
            AppCommand.Destroy => Decision.Accept(new AppEvent.Destroyed()),
            AppCommand.Deploy deploy => NewRelease(app, new ReleaseCause.Deploy(deploy.Slug, deploy.Ref), ReleaseDescriptions.OfDeploy(deploy.Slug)),
            AppCommand.ChangeConfig change => DecideConfig(app, change.Patch),
            AppCommand.Rollback rollback => DecideRollback(app, rollback.Target),
            AppCommand.Scale scale => ScaleRules.Decide(app, scale.Updates),
            AppCommand.Settle settle => DecideSettle(app, settle),
            AppCommand.CreateJob make => JobRules.Create(app, make.Job),
            AppCommand.UpdateJob update => JobRules.Update(app, update),
            AppCommand.RemoveJob remove => JobRules.Remove(app, remove.Id),
            AppCommand.ChangeBuild change => BuildRules.Change(app, change.Patch),
            AppCommand.AdoptBuildpacks adopt => BuildRules.Adopt(app, adopt.Buildpacks),
            AppCommand.SetMaintenance set => RouteRules.SetMaintenance(app, set.IsOn),
            AppCommand.ChangeRouting change => RouteRules.Change(app, change.Patch),
            AppCommand.GiveUpSlugs give => SlugRetention.Decide(app, give),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "Not a command of an app."),
        };
    }

    private static App Change(App app, AppEvent e, EventOrigin origin) => e switch
    {
        AppEvent.Renamed renamed => app with { Name = renamed.Name },
        AppEvent.Destroyed => app with { IsDestroyed = true },
        AppEvent.ReleaseCreated made => Add(app, made, origin),
        AppEvent.ReleaseSucceeded settled => Settle(app, settled.Version, null, origin),
        AppEvent.ReleaseFailed settled => Settle(app, settled.Version, settled.Reason, origin),
        AppEvent.FormationChanged changed => changed.Entries.Aggregate(app, ScaleRules.Apply),
        AppEvent.JobSet set => app with { Jobs = JobRules.Set(app.Jobs, set.Job) },
        AppEvent.JobRemoved removed => app with { Jobs = app.Jobs.RemoveAll(job => job.Id == removed.Id) },
        AppEvent.BuildChanged changed => app with { Build = changed.Settings },
        AppEvent.MaintenanceChanged changed => app with { Maintenance = changed.IsOn },
        AppEvent.RoutingChanged changed => app with { Routing = changed.Settings },
        AppEvent.SlugsGivenUp given => SlugRetention.GiveUp(app, given.Slugs),
        _ => throw new JournalFormatException($"App {app.Id} has an event that cannot come second: {e.GetType().Name}."),
    };

    private static App Add(App app, AppEvent.ReleaseCreated made, EventOrigin origin)
    {
        if (made.Version != app.NextVersion)
        {
            throw new JournalFormatException($"App {app.Id}: release {made.Version} follows on {app.Releases.Count} releases.");
        }

        app = made.Cause is ReleaseCause.Deploy deploy ? SlugRetention.BringBack(app, deploy.Slug.Id) : app;
        return Recompose(app with
        {
            Releases = app.Releases.Add(new Release(
                made.ReleaseId, app.Id, made.Version, ReleaseStatus.Pending, made.Cause, null, ConfigVars.Empty, made.Description, origin.By, origin.Time, origin.Time)),
        });
    }

    private static App Settle(App app, ReleaseVersion version, string? failure, EventOrigin origin)
    {
        if (app.Pending is not { } release || release.Version != version)
        {
            throw new JournalFormatException($"App {app.Id}: release {version} is settled, but it is not the oldest pending one.");
        }

        var settled = release with
        {
            Status = failure is null ? ReleaseStatus.Succeeded : ReleaseStatus.Failed,
            Failure = failure,
            UpdatedAt = origin.Time,
        };
        var next = app with { Releases = app.Releases.SetItem(version.Number - 1, settled), SettledReleases = version.Number };
        if (failure is null)
        {
            return Recompose(next with
            {
                Current = settled,
                SettledConfig = settled.ConfigVars,
                Formation = FormationUnder(app, settled.Slug),
            });
        }

        return Recompose(next with
        {
            SettledConfig = release.Cause is ReleaseCause.ConfigChange ? release.ConfigVars : app.SettledConfig,
        });
    }

    /// <summary>The formation that a slug leads to: quantities stay, new types get none, the first deploy starts one web dyno.</summary>
    /// <param name="app">The app.</param>
    /// <param name="slug">The slug; <see langword="null"/> leaves the formation as it is.</param>
    public static Formation FormationUnder(App app, Slug? slug)
    {
        ArgumentNullException.ThrowIfNull(app);
        return slug is null ? app.Formation : app.Formation.Adopt([.. slug.ProcessTypes.Keys], firstDeploy: app.Current?.Slug is null);
    }

    private static App Recompose(App app)
    {
        var slug = app.Current?.Slug;
        var config = app.SettledConfig;
        var releases = app.Releases;

        // The pending ones alone: a replay that walked over all releases at each event would take the square of their number.
        for (var i = app.SettledReleases; i < releases.Count; i++)
        {
            var release = releases[i];
            (slug, config) = release.Cause switch
            {
                ReleaseCause.Deploy deploy => (deploy.Slug, config),
                ReleaseCause.ConfigChange change => (slug, config.Apply(change.Patch)),
                ReleaseCause.Rollback rollback => (releases[rollback.Target.Number - 1].Slug, releases[rollback.Target.Number - 1].ConfigVars),
                _ => (slug, config),
            };
            releases = releases.SetItem(i, release with { Slug = slug, ConfigVars = config });
        }

        return app with { Releases = releases };
    }

    private static Decision NewRelease(App app, ReleaseCause cause, string description) =>
        Decision.Accept(new AppEvent.ReleaseCreated(Guid.NewGuid(), app.NextVersion, cause, description));

    private static Decision DecideConfig(App app, ConfigPatch patch)
    {
        if (!app.ConfigVars.TryApply(patch, out var result, out var problem))
        {
            return Decision.Refuse(RefusalCode.Invalid, problem);
        }

        return result.Equals(app.ConfigVars)
            ? Decision.Nothing
            : NewRelease(app, new ReleaseCause.ConfigChange(patch), ReleaseDescriptions.OfConfigChange(app.ConfigVars, patch));
    }

    private static Decision DecideRollback(App app, ReleaseVersion target)
    {
        if (app.Find(target) is not { } release)
        {
            return Decision.Refuse(RefusalCode.NotFound, $"Couldn't find release {target}. The newest is v{app.Releases.Count}.");
        }

        return release.IsEligibleForRollback
            ? NewRelease(app, new ReleaseCause.Rollback(target), $"Rollback to {target}")
            : Decision.Refuse(RefusalCode.Invalid, release.Slug is null
                ? $"Release {target} has no code to go back to. Choose a release made after the first deploy."
                : release is { Status: ReleaseStatus.Succeeded, IsSlugGivenUp: true }
                ? $"The slug of release {target} was removed to free disk space. Choose a newer release, or push {(release.Slug.Commit is { Length: > 0 } commit ? $"commit {commit[..Math.Min(8, commit.Length)]}" : "its code")} again."
                : $"Release {target} {(release.Status == ReleaseStatus.Failed ? "failed" : "is still pending")}. Choose a release that succeeded.");
    }

    private static Decision DecideSettle(App app, AppCommand.Settle settle)
    {
        if (app.Pending?.Version != settle.Version)
        {
            return Decision.Refuse(RefusalCode.Conflict, $"Release {settle.Version} is not the oldest pending release.");
        }

        return settle.Failure is null
            ? Decision.Accept(new AppEvent.ReleaseSucceeded(settle.Version))
            : Decision.Accept(new AppEvent.ReleaseFailed(settle.Version, settle.Failure));
    }
}
