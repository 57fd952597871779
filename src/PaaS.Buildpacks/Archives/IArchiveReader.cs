namespace PaaS.Buildpacks;

/// <summary>Reads the entries of an archive, one after the other, with bounded memory.</summary>
internal interface IArchiveReader : IAsyncDisposable
{
    /// <summary>The next entry, or null after the last. What was not read of the one before is skipped.</summary>
    /// <exception cref="ArchiveFormatException">The archive is damaged or cut off.</exception>
    /// <exception cref="ArchiveTooLargeException">There is more than the limit.</exception>
    ValueTask<ArchiveEntry?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Reads of the current entry's content; 0 at its end.</summary>
    /// <exception cref="ArchiveFormatException">The archive is damaged or cut off.</exception>
    /// <exception cref="ArchiveTooLargeException">There is more than the limit.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}
