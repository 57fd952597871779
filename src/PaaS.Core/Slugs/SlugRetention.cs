using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>
/// Which slugs must stay, pure. An app needs the slugs of its current release, of every release that is pending, and of the newest
/// releases that a rollback can name. All others may be given up when the disk fills up; that is an event of the app's before
/// anything leaves the store, so that no rollback is ever accepted whose slug is gone.
/// </summary>
public static class SlugRetention
{
    /// <summary>The slugs that an app needs.</summary>
    /// <param name="app">The app.</param>
    /// <param name="keptReleases">How many of the newest releases that a rollback can name keep their slugs. At least 1.</param>
    /// <returns>None for a destroyed app.</returns>
    public static ImmutableHashSet<SlugId> Needs(App app, int keptReleases)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentOutOfRangeException.ThrowIfLessThan(keptReleases, 1);
        if (app.IsDestroyed)
        {
            return [];
        }

        var needed = ImmutableHashSet.CreateBuilder<SlugId>();
        var kept = 0;
        for (var i = app.Releases.Count - 1; i >= 0; i--)
        {
            var release = app.Releases[i];
            var isTarget = release.IsEligibleForRollback && kept++ < keptReleases;
            if (release.Slug is { } slug && (isTarget || release.Status == ReleaseStatus.Pending || release.Version == app.Current?.Version))
            {
                needed.Add(slug.Id);
            }
        }

        return needed.ToImmutable();
    }

    /// <summary>The slugs that no app needs and that some release still names as its own, those of the oldest releases first.</summary>
    /// <param name="apps">All apps of the store.</param>
    /// <param name="keptReleases">As for <see cref="Needs"/>.</param>
    public static ImmutableArray<SlugId> Plan(IReadOnlyCollection<App> apps, int keptReleases)
    {
        ArgumentNullException.ThrowIfNull(apps);
        var needed = apps.Select(app => Needs(app, keptReleases)).ToList();
        var newest = new Dictionary<SlugId, DateTimeOffset>();
        foreach (var release in apps.Where(app => !app.IsDestroyed).SelectMany(app => app.Releases))
        {
            if (release.Slug is { } slug && !release.IsSlugGivenUp && !needed.Exists(set => set.Contains(slug.Id)))
            {
                newest[slug.Id] = newest.TryGetValue(slug.Id, out var known) && known > release.CreatedAt ? known : release.CreatedAt;
            }
        }

        return [.. newest.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key.Hex, StringComparer.Ordinal).Select(pair => pair.Key)];
    }

    /// <summary>The slugs that the store must hold for these apps: all that a release names and that were not given up.</summary>
    /// <param name="apps">All apps of the store.</param>
    public static ImmutableHashSet<SlugId> Held(IEnumerable<App> apps)
    {
        ArgumentNullException.ThrowIfNull(apps);
        return [.. apps.Where(app => !app.IsDestroyed).SelectMany(app => app.Releases).Where(release => !release.IsSlugGivenUp).Select(release => release.Slug?.Id).OfType<SlugId>()];
    }

    internal static Decision Decide(App app, AppCommand.GiveUpSlugs give)
    {
        var (needed, held) = (Needs(app, give.KeptReleases), Held([app]));
        ImmutableArray<SlugId> given = [.. give.Slugs.Distinct().Where(slug => held.Contains(slug) && !needed.Contains(slug))];
        return given.IsEmpty ? Decision.Nothing : Decision.Accept(new AppEvent.SlugsGivenUp(given));
    }

    internal static App GiveUp(App app, ImmutableArray<SlugId> slugs) =>
        app with { GivenUpSlugs = app.GivenUpSlugs.Union(slugs), Releases = Mark(app.Releases, [.. slugs], isGivenUp: true) };

    /// <summary>A slug that is deployed is in the store, also if it had been given up.</summary>
    internal static App BringBack(App app, SlugId slug) => app.GivenUpSlugs.Contains(slug)
        ? app with { GivenUpSlugs = app.GivenUpSlugs.Remove(slug), Releases = Mark(app.Releases, [slug], isGivenUp: false) }
        : app;

    private static ImmutableList<Release> Mark(ImmutableList<Release> releases, ImmutableHashSet<SlugId> slugs, bool isGivenUp) =>
        [.. releases.Select(release => release.Slug is { } slug && slugs.Contains(slug.Id) ? release with { IsSlugGivenUp = isGivenUp } : release)];
}
