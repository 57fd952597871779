namespace PaaS.Buildpacks;

/// <summary>What an entry of a tar archive is.</summary>
internal enum TarEntryKind
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

/// <summary>The header of one entry, with what pax and GNU extensions say about it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="TypeFlag">The letter in the archive.</param>
/// <param name="Name">The name as bytes.</param>
/// <param name="LinkTarget">Where a link points, as bytes.</param>
/// <param name="Size">The size of the content in bytes.</param>
/// <param name="Mode">The permission bits as in the archive.</param>
internal sealed record TarEntry(TarEntryKind Kind, char TypeFlag, byte[] Name, byte[] LinkTarget, long Size, int Mode);

/// <summary>The bytes are no tar archive, or not all of one.</summary>
internal sealed class TarFormatException(string message) : IOException(message);

/// <summary>The archive unpacks to more bytes than allowed.</summary>
internal sealed class TarTooLargeException(long limit) : IOException
{
    /// <summary>The limit in bytes.</summary>
    public long Limit { get; } = limit;
}
