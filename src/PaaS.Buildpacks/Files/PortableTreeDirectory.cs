using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>A directory held by its path, for systems other than Linux. Owners do not change here.</summary>
internal sealed class PortableTreeDirectory(string path) : TreeDirectory
{
    public override List<TreeName> List(int most) =>
        [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Take(most).Select(static e => TreeName.Of(e.Name))];

    public override TreeEntry? Find(TreeName name)
    {
        var file = new FileInfo(PathOf(name));
        if ((int)file.Attributes == -1)
        {
            return null;
        }

        var kind = file.LinkTarget is not null ? TreeEntryKind.SymbolicLink
            : file.Attributes.HasFlag(FileAttributes.Directory) ? TreeEntryKind.Directory
            : file.Attributes.HasFlag(FileAttributes.Device) ? TreeEntryKind.Special
            : TreeEntryKind.File;
        var executable = kind == TreeEntryKind.File && !OperatingSystem.IsWindows() && file.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
        return new TreeEntry(kind, kind == TreeEntryKind.File ? file.Length : 0, executable, 0);
    }

    public override TreeDirectory OpenDirectory(TreeName name) =>
        Find(name) is { Kind: TreeEntryKind.Directory } ? new PortableTreeDirectory(PathOf(name)) : throw new TreeException($"'{name}' is not a directory.", LibC.NotDirectory);

    public override SafeFileHandle OpenFile(TreeName name, out TreeEntry entry)
    {
        entry = Find(name) is { Kind: TreeEntryKind.File } file ? file : throw new TreeException($"'{name}' is not a regular file.", 0);
        return File.OpenHandle(PathOf(name));
    }

    public override SafeFileHandle? OpenBelow(string relativePath)
    {
        var parts = relativePath.Split('/');
        var directory = this;
        foreach (var part in parts[..^1])
        {
            if (directory.Find(TreeName.Of(part)) is not { Kind: TreeEntryKind.Directory })
            {
                return null;
            }

            directory = new PortableTreeDirectory(directory.PathOf(TreeName.Of(part)));
        }

        var name = TreeName.Of(parts[^1]);
        return directory.Find(name) is { Kind: TreeEntryKind.File } ? directory.OpenFile(name, out _) : null;
    }

    public override SafeFileHandle CreateFile(TreeName name, bool executable)
    {
        if (Find(name) is not null)
        {
            throw new TreeException($"'{name}' exists.", LibC.Exists);
        }

        var file = File.OpenHandle(PathOf(name), FileMode.CreateNew, FileAccess.Write);
        if (executable && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return file;
    }

    public override void CreateDirectory(TreeName name, bool isPrivate = false)
    {
        if (Find(name) is not null)
        {
            throw new TreeException($"'{name}' exists.", LibC.Exists);
        }

        Directory.CreateDirectory(PathOf(name));
        if (isPrivate)
        {
            Unlock(name);
        }
    }

    public override void CreateLink(TreeName name, ReadOnlySpan<byte> target) => File.CreateSymbolicLink(PathOf(name), Encoding.UTF8.GetString(target));

    public override byte[] ReadLink(TreeName name) => Encoding.UTF8.GetBytes(new FileInfo(PathOf(name)).LinkTarget ?? throw new TreeException($"'{name}' is not a link.", 0));

    public override bool RemoveFile(TreeName name)
    {
        if (Find(name) is not { } entry)
        {
            return true;
        }

        if (entry.Kind == TreeEntryKind.Directory)
        {
            return false;
        }

        File.Delete(PathOf(name));
        return true;
    }

    public override bool RemoveEmptyDirectory(TreeName name)
    {
        if (Find(name) is null)
        {
            return true;
        }

        if (OpenDirectory(name).List(1).Count > 0)
        {
            return false;
        }

        Directory.Delete(PathOf(name));
        return true;
    }

    public override void Move(TreeName name, TreeDirectory to, TreeName newName)
    {
        var target = ((PortableTreeDirectory)to).PathOf(newName);
        if (Find(name) is { Kind: TreeEntryKind.Directory })
        {
            Directory.Move(PathOf(name), target);
        }
        else
        {
            File.Move(PathOf(name), target);
        }
    }

    public override void ChangeOwner(TreeName name, int userId) => ChangeOwner(userId);

    public override void ChangeOwner(int userId) => throw new PlatformNotSupportedException("Builds under an app's own user need Linux.");

    public override void Unlock(TreeName name)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public override void Dispose()
    {
        // A path holds nothing open.
    }

    private string PathOf(TreeName name) => Path.Combine(path, name.Text ?? throw new TreeException($"'{name}' is not valid UTF-8.", 0));
}
