using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace PaaS.Core;

/// <summary>Slugs as files named by their digest, in one directory that only the host can read.</summary>
public sealed class DirectorySlugStore : ISlugStore
{
    private const string Suffix = ".slug";
    private readonly string _directory;

    /// <summary>Opens the store, makes its directory and sweeps what an interrupted write left.</summary>
    /// <param name="directory">An absolute path.</param>
    public DirectorySlugStore(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = Directory.CreateDirectory(directory).FullName;
        foreach (var leftover in Directory.EnumerateFiles(_directory, "*.incoming"))
        {
            File.Delete(leftover);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<(SlugId Id, long Size)> PutAsync(Stream archive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var incoming = Path.Combine(_directory, $"{Guid.NewGuid():N}.incoming");
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            var file = new FileStream(incoming, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                var buffer = new byte[128 * 1024];
                int read;
                while ((read = await archive.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    size += read;
                }

                file.Flush(flushToDisk: true);
            }

            var id = SlugId.FromDigest(hash.GetHashAndReset());
            File.Move(incoming, PathOf(id), overwrite: true);
            DurableDirectory.Flush(_directory);
            return (id, size);
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenAsync(SlugId id, CancellationToken cancellationToken = default)
    {
        FileStream file;
        try
        {
            file = new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 128 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            throw new SlugNotFoundException(id);
        }

        try
        {
            // The open handle pins the bytes: what was checked is what is read.
            var actual = SlugId.FromDigest(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
            if (actual != id)
            {
                throw new SlugChecksumException(id, actual);
            }

            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SlugId> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + Suffix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (SlugId.TryParse("sha256:" + Path.GetFileNameWithoutExtension(path), null, out var id))
            {
                yield return id;
            }
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(SlugId id, CancellationToken cancellationToken = default)
    {
        File.Delete(PathOf(id));
        return ValueTask.CompletedTask;
    }

    private string PathOf(SlugId id) => Path.Combine(_directory, id.Hex + Suffix);
}
