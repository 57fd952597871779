using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>
/// An open directory. Entries are reached by one name at a time, relative to the open handle, and links are never followed:
/// whoever swaps a directory for a link meanwhile changes nothing about where reads, writes and removals go.
/// On systems without such calls the paths are checked instead, which is enough as long as nobody else writes there.
/// </summary>
internal abstract class TreeDirectory : IDisposable
{
    /// <summary>Opens a directory by a path that the host itself chose.</summary>
    public static TreeDirectory Open(string path) =>
        OperatingSystem.IsLinux() ? LinuxTreeDirectory.OpenPath(path) : new PortableTreeDirectory(path);

    /// <summary>Up to so many names, in no order.</summary>
    public abstract List<TreeName> List(int most);

    /// <summary>What stands under a name, or null.</summary>
    public abstract TreeEntry? Find(TreeName name);

    /// <summary>Opens a directory below.</summary>
    /// <exception cref="TreeException">It is none, or a link.</exception>
    public abstract TreeDirectory OpenDirectory(TreeName name);

    /// <summary>Opens a regular file for reading.</summary>
    /// <exception cref="TreeException">It is none, or a link.</exception>
    public abstract SafeFileHandle OpenFile(TreeName name, out TreeEntry entry);

    /// <summary>
    /// Opens a regular file below by a relative path; links are followed as long as they stay below. Null if there is no such file.
    /// </summary>
    public abstract SafeFileHandle? OpenBelow(string relativePath);

    /// <summary>Makes a new file of mode 0755 or 0644; the name must not exist.</summary>
    public abstract SafeFileHandle CreateFile(TreeName name, bool executable);

    /// <summary>Makes a directory of mode 0755, or 0700 if it is private; the name must not exist.</summary>
    public abstract void CreateDirectory(TreeName name, bool isPrivate = false);

    /// <summary>Makes a symbolic link; the name must not exist.</summary>
    public abstract void CreateLink(TreeName name, ReadOnlySpan<byte> target);

    /// <summary>Where a symbolic link points.</summary>
    public abstract byte[] ReadLink(TreeName name);

    /// <summary>Removes what is not a directory. False if it is one.</summary>
    public abstract bool RemoveFile(TreeName name);

    /// <summary>Removes an empty directory. False if it is not empty.</summary>
    public abstract bool RemoveEmptyDirectory(TreeName name);

    /// <summary>Moves an entry.</summary>
    public abstract void Move(TreeName name, TreeDirectory to, TreeName newName);

    /// <summary>Gives an entry, or the link itself, to a user and the group of the same number.</summary>
    public abstract void ChangeOwner(TreeName name, int userId);

    /// <summary>Gives this directory to a user and the group of the same number.</summary>
    public abstract void ChangeOwner(int userId);

    /// <summary>Lets its owner into a directory that was locked, so that it can be removed.</summary>
    public abstract void Unlock(TreeName name);

    public abstract void Dispose();
}

/// <summary>An operation on a tree failed.</summary>
internal sealed class TreeException(string message, int error) : IOException(message)
{
    /// <summary>The operating system's error number, or 0.</summary>
    public int Error { get; } = error;

    /// <summary>Whether it is for what stands in the tree, and not for the disk or the host.</summary>
    public bool IsOfTree => Error is 0 or LibC.NotFound or LibC.AccessDenied or LibC.Exists or LibC.NotDirectory or LibC.IsDirectory or LibC.NotEmpty or LibC.TooManyLinks or LibC.NameTooLong;
}
