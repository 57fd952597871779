namespace PaaS.Buildpacks;

/// <summary>
/// Unpacks slugs from a store. What stands below <c>./app/</c> in the archive becomes the directory's content, the rest is ignored
/// (Heroku: <em>Creating Slugs from Scratch</em>). The directory has mode 0700.
/// </summary>
/// <param name="store">Where the slugs are.</param>
public sealed class SlugUnpacker(ISlugStore store) : ISlugUnpacker
{
    /// <inheritdoc/>
    /// <exception cref="SourceRejectedException">The archive holds what a slug cannot hold.</exception>
    public async ValueTask UnpackAsync(SlugId slug, string directory, int? userId = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var archive = await store.OpenAsync(slug, cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
        {
            using var fresh = FreshDirectory.Make(directory);
            using (var extraction = new ArchiveExtraction(fresh.Root, SlugArchive.Limits, userId))
            {
                await extraction.RunAsync(archive, static path => path is ["app", .. var below] ? below : null, cancellationToken).ConfigureAwait(false);
            }

            fresh.Keep(userId);
        }
    }
}
