namespace PaaS.Buildpacks;

/// <summary>What stands under a name.</summary>
internal enum TreeEntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link, never followed.</summary>
    SymbolicLink,

    /// <summary>A socket, a FIFO or a device.</summary>
    Special,
}

/// <summary>What is known of an entry without following it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Size">The size in bytes of a regular file.</param>
/// <param name="Executable">Whether its owner may execute it.</param>
/// <param name="UserId">Its owner, where the system has such.</param>
internal readonly record struct TreeEntry(TreeEntryKind Kind, long Size, bool Executable, int UserId);
