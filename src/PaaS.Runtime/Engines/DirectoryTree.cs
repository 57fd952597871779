using System.Runtime.Versioning;

namespace PaaS.Runtime;

/// <summary>A directory of the host's with all that is in it, where no tenant's process is at work.</summary>
internal static class DirectoryTree
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes it. Symbolic links go, never what they lead to.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when ((e is UnauthorizedAccessException or IOException) && !Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            // A directory in it may be locked. That stops an ordinary user, which is the owner here; never root.
            Unlock(path);
            Directory.Delete(path, recursive: true);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Unlock(string path)
    {
        File.SetUnixFileMode(path, Owner);
        foreach (var inner in Directory.EnumerateDirectories(path, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false }))
        {
            Unlock(inner);
        }
    }
}
