namespace PaaS.Runtime;

/// <summary>A directory of the host's with all that is in it, where no tenant's process is at work.</summary>
internal static class DirectoryTree
{
    /// <summary>Removes it, however deep it is nested. Symbolic links go, never what they lead to.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Delete(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            Directory.Delete(path, recursive: true);
        }
        else if (!ScratchTree.TryRemove(path))
        {
            throw new IOException($"{path} could not be removed. Remove it by hand.");
        }
    }
}
