using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// Makes room when the disk runs short: gives up slugs that no app needs, by <see cref="SlugRetention"/>. That a slug is given up is on
/// record with every app that names it before the slug leaves the store.
/// </summary>
/// <param name="services">The store, the disk, the options.</param>
/// <param name="apps">The apps.</param>
/// <param name="logger">For the operator.</param>
internal sealed partial class SlugSweep(AppServices services, Func<IEnumerable<HostedApp>> apps, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    private SlugRetentionOptions Options => services.Options.Retention;

    /// <summary>To be asked before a build: sweeps if need be.</summary>
    /// <returns>Why there is no room for a build; null if there is.</returns>
    public async Task<string?> MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (services.Disk is not { } measure)
        {
            return null;
        }

        if (IsBelow(measure(), Options.SweepBelow))
        {
            await RunAsync(measure, cancellationToken);
        }

        var disk = measure();
        if (!IsBelow(disk, Options.RefuseBelow))
        {
            return null;
        }

        Log.Full(logger, disk.FreeBytes >> 20, disk.TotalBytes >> 20);
        return string.Create(CultureInfo.InvariantCulture, $"The platform's disk is nearly full ({disk.FreeBytes >> 20} MB free), so nothing is built now. Ask the platform's operator to free space, then push again.");
    }

    /// <summary>Removes the slugs of an app that is destroyed, as far as no other app has them.</summary>
    public async Task ForgetAsync(App destroyed)
    {
        foreach (var slug in destroyed.Releases.Select(release => release.Slug?.Id).OfType<SlugId>().Distinct())
        {
            await RemoveAsync(slug, CancellationToken.None);
        }
    }

    public void Dispose() => _one.Dispose();

    private static bool IsBelow(DiskSpace disk, FreeSpace mark) => disk.FreeBytes < mark.On(disk.TotalBytes);

    private App[] Snapshots() => [.. apps().Select(hosted => hosted.App)];

    private async Task RunAsync(Func<DiskSpace> measure, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            // First what was given up before and could not be removed then, as when a build was just storing its slug.
            var stored = await StoredAsync(cancellationToken);
            foreach (var slug in Snapshots().SelectMany(app => app.Releases).Where(release => release.IsSlugGivenUp).Select(release => release.Slug!.Id).Where(stored.Remove))
            {
                await RemoveAsync(slug, cancellationToken);
            }

            foreach (var slug in SlugRetention.Plan(Snapshots(), Options.KeptReleases))
            {
                if (!IsBelow(measure(), Options.SweepUntil))
                {
                    return;
                }

                foreach (var hosted in apps().Where(hosted => hosted.App.Releases.Exists(release => release.Slug?.Id == slug)))
                {
                    await hosted.Writer.ExecuteAsync(BuiltInAccount.Operator, new AppCommand.GiveUpSlugs([slug], Options.KeptReleases), Guid.NewGuid());
                }

                if (await RemoveAsync(slug, cancellationToken))
                {
                    Log.Removed(logger, slug);
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<HashSet<SlugId>> StoredAsync(CancellationToken cancellationToken)
    {
        var stored = new HashSet<SlugId>();
        await foreach (var slug in services.Slugs.ListAsync(cancellationToken))
        {
            stored.Add(slug);
        }

        return stored;
    }

    private ValueTask<bool> RemoveAsync(SlugId slug, CancellationToken cancellationToken) =>
        services.Slugs.TryDeleteAsync(slug, () => SlugRetention.Held(Snapshots()).Contains(slug), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(172, LogLevel.Information, "Removed slug {Slug} to free disk space; no rollback names it any more")]
        public static partial void Removed(ILogger logger, SlugId slug);

        [LoggerMessage(173, LogLevel.Error, "A build was refused: the disk is nearly full, {FreeMegabytes} MB of {TotalMegabytes} MB are free, and no slug can be removed")]
        public static partial void Full(ILogger logger, long freeMegabytes, long totalMegabytes);
    }
}
