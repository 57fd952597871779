namespace PaaS.Hosting;

/// <summary>Whether a directory that tenants pass through is safe from being swapped or filled by others.</summary>
internal static class WorkDirectoryCheck
{
    /// <summary>The directory itself: no link, ours, writable by nobody else.</summary>
    public static void Own(string path)
    {
        var entry = Posix.Stat(path, followLink: false) ?? throw new DataDirectoryException($"The work directory '{path}' is gone.");
        if (!entry.IsDirectory)
        {
            throw new DataDirectoryException($"'{path}' is a file or a symbolic link; the work directory must be a directory itself. Name its real path, or remove it.");
        }

        if (entry.User != Posix.EffectiveUser)
        {
            throw new DataDirectoryException($"The work directory '{path}' belongs to user {entry.User}, but the host runs as user {Posix.EffectiveUser}. Name another one, or change its owner.");
        }

        if (entry.IsWritableByOthers)
        {
            throw new DataDirectoryException($"Others than its owner may write in the work directory '{path}' (mode {entry.Permissions}). Take that right away: chmod go-w '{path}'.");
        }
    }

    /// <summary>What is above it: for a host that is root, nobody else may be able to put another directory in its place, and tenants must be able to pass.</summary>
    public static void Ancestors(string path)
    {
        for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            var entry = Posix.Stat(above, followLink: true) ?? throw new DataDirectoryException($"'{above}', above the work directory, is gone.");
            if ((entry.User != 0 && entry.User != Posix.EffectiveUser) || (entry.IsWritableByOthers && !entry.IsSticky))
            {
                throw new DataDirectoryException($"The work directory '{path}' is not safe: '{above}' above it belongs to user {entry.User} with mode {entry.Permissions}, so others than root can put another directory in its place. Name a path where root alone can write.");
            }

            if (!entry.IsEnterableByOthers)
            {
                throw new DataDirectoryException($"Tenants' processes cannot reach the work directory '{path}': '{above}' above it has mode {entry.Permissions}. Name a path that every user may pass through, such as one below /var/lib.");
            }
        }
    }
}
