namespace PaaS.Core;

/// <summary>A content-addressed store of slug archives. What was put is durable before the call returns.</summary>
public interface ISlugStore
{
    /// <summary>Stores an archive. Storing the same bytes again changes nothing.</summary>
    /// <param name="archive">The archive, read to its end.</param>
    /// <param name="cancellationToken">Gives up; nothing half-written stays visible.</param>
    /// <returns>The digest and the size in bytes.</returns>
    ValueTask<(SlugId Id, long Size)> PutAsync(Stream archive, CancellationToken cancellationToken = default);

    /// <summary>Opens an archive after checking that its bytes still have its digest.</summary>
    /// <param name="id">The slug.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SlugNotFoundException">There is none.</exception>
    /// <exception cref="SlugChecksumException">The stored bytes have changed (Heroku: R17).</exception>
    ValueTask<Stream> OpenAsync(SlugId id, CancellationToken cancellationToken = default);

    /// <summary>Lists what is stored.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<SlugId> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes an archive; nothing happens if there is none.</summary>
    /// <param name="id">The slug.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask DeleteAsync(SlugId id, CancellationToken cancellationToken = default);
}

/// <summary>A slug that a release names is not in the store.</summary>
/// <param name="id">The slug.</param>
public sealed class SlugNotFoundException(SlugId id)
    : Exception($"Slug {id} is not in the store. Deploy again, or roll back to a release whose slug is there.")
{
    /// <summary>The slug.</summary>
    public SlugId Id { get; } = id;
}

/// <summary>The bytes of a stored slug no longer have its digest. Wording as Heroku's R17.</summary>
/// <param name="expected">What it should be.</param>
/// <param name="actual">What it is.</param>
public sealed class SlugChecksumException(SlugId expected, SlugId actual)
    : Exception($"Error R17 (Checksum error) -> Checksum does match expected value. Expected: SHA256:{expected.Hex} Actual: SHA256:{actual.Hex}")
{
    /// <summary>What it should be.</summary>
    public SlugId Expected { get; } = expected;

    /// <summary>What it is.</summary>
    public SlugId Actual { get; } = actual;
}
