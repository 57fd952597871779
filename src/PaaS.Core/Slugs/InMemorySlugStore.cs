using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace PaaS.Core;

/// <summary>Slugs in memory: for tests, and for hosts that keep nothing.</summary>
public sealed class InMemorySlugStore : ISlugStore
{
    private readonly ConcurrentDictionary<SlugId, byte[]> _slugs = new();

    /// <inheritdoc/>
    public async ValueTask<(SlugId Id, long Size)> PutAsync(Stream archive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        using var copy = new MemoryStream();
        await archive.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        var bytes = copy.ToArray();
        var id = SlugId.FromDigest(SHA256.HashData(bytes));
        _slugs[id] = bytes;
        return (id, bytes.Length);
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(SlugId id, CancellationToken cancellationToken = default) =>
        _slugs.TryGetValue(id, out var bytes)
            ? ValueTask.FromResult<Stream>(new MemoryStream(bytes, writable: false))
            : ValueTask.FromException<Stream>(new SlugNotFoundException(id));

    /// <inheritdoc/>
    public async IAsyncEnumerable<SlugId> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var id in _slugs.Keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return id;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(SlugId id, CancellationToken cancellationToken = default)
    {
        _slugs.TryRemove(id, out _);
        return ValueTask.CompletedTask;
    }
}
