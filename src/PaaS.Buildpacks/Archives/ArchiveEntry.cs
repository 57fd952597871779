namespace PaaS.Buildpacks;

/// <summary>What an entry of an archive is.</summary>
internal enum ArchiveEntryKind
{
    /// <summary>A regular file; its content follows.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>Another name of a file that came earlier.</summary>
    HardLink,

    /// <summary>A device or a FIFO.</summary>
    Special,

    /// <summary>Anything else: sparse files, volume labels, continued files.</summary>
    Unsupported,
}

/// <summary>What an archive says of one entry, its extensions included.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="TypeFlag">The letter in a tar archive; NUL in others.</param>
/// <param name="Name">The name as bytes.</param>
/// <param name="LinkTarget">Where a link points, as bytes.</param>
/// <param name="Size">The size of the content in bytes.</param>
/// <param name="Mode">The permission bits as in the archive.</param>
internal sealed record ArchiveEntry(ArchiveEntryKind Kind, char TypeFlag, byte[] Name, byte[] LinkTarget, long Size, int Mode);

/// <summary>The bytes are no archive, or not all of one.</summary>
internal sealed class ArchiveFormatException(string message) : IOException(message);

/// <summary>The archive unpacks to more bytes than allowed.</summary>
internal sealed class ArchiveTooLargeException(long limit) : IOException
{
    /// <summary>The limit in bytes.</summary>
    public long Limit { get; } = limit;
}
