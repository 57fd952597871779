namespace PaaS.Buildpacks;

/// <summary>
/// Unpacks the source of an app: a tar or tar.gz as <c>git archive</c> writes it, or a tar, tar.gz or zip as a user sends it. Nothing is ever written
/// outside the directory. Modes become 0755 or 0644; setuid, setgid and sticky bits and owners are dropped. <c>.git</c>,
/// <c>.gitmodules</c> and <c>.DS_Store</c> are left out, as Heroku does.
/// </summary>
public static class SourceArchive
{
    private static readonly string[] LeftOut = [".git", ".gitmodules", ".DS_Store"];

    /// <summary>Unpacks an archive into a directory that does not exist yet; it gets mode 0700.</summary>
    /// <param name="archive">The archive, read to its end; it stays open.</param>
    /// <param name="directory">An absolute path. Its parent exists, and nobody else can write there.</param>
    /// <param name="limits">How much it may hold; <see langword="null"/> for <see cref="SourceLimits.Default"/>.</param>
    /// <param name="stripSingleRoot">Whether one directory that holds everything is taken off, as GitHub's tarballs have it.</param>
    /// <param name="cancellationToken">Gives up; what was unpacked so far is removed.</param>
    /// <exception cref="SourceRejectedException">The archive is refused; what was unpacked so far is removed.</exception>
    /// <exception cref="IOException">The directory exists, or the disk failed.</exception>
    public static ValueTask ExtractAsync(
        Stream archive, string directory, SourceLimits? limits = null, bool stripSingleRoot = false, CancellationToken cancellationToken = default) =>
        ExtractAsync(archive, directory, limits ?? SourceLimits.Default, stripSingleRoot, null, static _ => { }, cancellationToken);

    /// <summary>Does the same for a user; <paramref name="prune"/> runs before that user can reach the directory.</summary>
    internal static async ValueTask ExtractAsync(
        Stream archive, string directory, SourceLimits limits, bool stripSingleRoot, int? userId, Action<string> prune, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        using var fresh = FreshDirectory.Make(directory);
        using (var extraction = new ArchiveExtraction(fresh.Root, limits, userId))
        {
            var start = new byte[4];
            var length = await archive.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var whole = new PrefixedStream(start.AsMemory(0, length), archive);
            if (start is [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6])
            {
                await ExtractZipAsync(extraction, whole, $"{directory}.zip", limits, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await extraction.RunAsync(whole, Select, cancellationToken).ConfigureAwait(false);
            }
        }

        if (stripSingleRoot)
        {
            StripSingleRoot(fresh.Root);
        }

        prune(directory);
        fresh.Keep(userId);
    }

    private static string[]? Select(string[] path) => path.Any(LeftOut.Contains) ? null : path;

    /// <summary>A zip archive is read from its end, so it has to be on disk first.</summary>
    private static async ValueTask ExtractZipAsync(ArchiveExtraction extraction, Stream archive, string path, SourceLimits limits, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await archive.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (file.Position + read > limits.TotalBytes)
                {
                    throw new SourceRejectedException($"The archive has more than {limits.TotalBytes:N0} bytes. Leave out what the app does not need.");
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
            await extraction.RunAsync(async limit => await ZipReader.OpenAsync(file, limit, cancellationToken).ConfigureAwait(false), Select, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void StripSingleRoot(TreeDirectory root)
    {
        if (root.List(2) is not [var only] || root.Find(only) is not { Kind: TreeEntryKind.Directory })
        {
            return;
        }

        // Out of the way first: it may hold an entry of its own name.
        var aside = TreeName.Of($".paas-{Guid.NewGuid():N}");
        root.Move(only, root, aside);
        using (var inner = root.OpenDirectory(aside))
        {
            foreach (var name in inner.List(int.MaxValue))
            {
                inner.Move(name, root, name);
            }
        }

        root.RemoveEmptyDirectory(aside);
    }
}
