namespace PaaS.Core;

/// <summary>Turns a stored slug into a directory. The runtime asks; whoever knows the archive format answers.</summary>
public interface ISlugUnpacker
{
    /// <summary>Unpacks a slug after checking its digest.</summary>
    /// <param name="slug">The slug.</param>
    /// <param name="directory">An absolute path that does not exist yet; it becomes the app's root. Nothing is ever written outside it.</param>
    /// <param name="userId">The user and group that are to own everything; <see langword="null"/> leaves the host's own user. Needs a host that is root.</param>
    /// <param name="cancellationToken">Gives up; what was unpacked so far is removed.</param>
    /// <exception cref="SlugNotFoundException">There is no such slug.</exception>
    /// <exception cref="SlugChecksumException">The stored bytes have changed (Heroku: R17).</exception>
    ValueTask UnpackAsync(SlugId slug, string directory, int? userId = null, CancellationToken cancellationToken = default);
}
