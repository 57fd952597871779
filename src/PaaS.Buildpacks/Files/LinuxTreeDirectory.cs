using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>A directory held by its descriptor.</summary>
internal sealed unsafe class LinuxTreeDirectory : TreeDirectory
{
    private const uint BasicStats = 0x7ff;
    private const nint OpenAt2Number = 437;
    private const ulong ResolveBeneath = 0x08 | 0x02;
    private static readonly byte[] Self = [(byte)'.', 0];
    private static readonly byte[] Nothing = [0];
    private readonly SafeFileHandle _handle;

    private LinuxTreeDirectory(SafeFileHandle handle) => _handle = handle;

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public static LinuxTreeDirectory OpenPath(string path) =>
        new(Opened(LibC.OpenAt(LibC.CurrentDirectory, TreeName.Of(path).Terminated, LibC.DirectoryOnly | LibC.NoFollow | LibC.CloseOnExec, 0), "open directory", path));

    public override List<TreeName> List(int most)
    {
        // A descriptor of its own: the position in a listing belongs to the open file, not to the caller.
        var own = LibC.OpenAt(Descriptor, Self, LibC.DirectoryOnly | LibC.CloseOnExec, 0);
        var stream = own < 0 ? 0 : LibC.OpenStream(own);
        if (stream == 0)
        {
            var error = Marshal.GetLastPInvokeError();
            _ = own < 0 ? 0 : LibC.Close(own);
            throw Failure("list", ".", error);
        }

        try
        {
            var names = new List<TreeName>();
            while (names.Count < most)
            {
                Marshal.SetLastSystemError(0);
                var entry = LibC.ReadDirectory(stream);
                if (entry == null)
                {
                    return Marshal.GetLastPInvokeError() is var error and not 0 ? throw Failure("list", ".", error) : names;
                }

                // struct dirent: inode 8 bytes, offset 8, length 2, type 1, then the name.
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    names.Add(TreeName.Of(name, KindOf(entry[18])));
                }
            }

            return names;
        }
        finally
        {
            _ = LibC.CloseStream(stream);
        }
    }

    public override TreeEntry? Find(TreeName name)
    {
        LibC.StatXBuffer buffer;
        if (LibC.StatX(Descriptor, name.Terminated, LibC.SymlinkNoFollow, BasicStats, &buffer) == 0)
        {
            return EntryOf(buffer);
        }

        return Marshal.GetLastPInvokeError() is var error && error == LibC.NotFound ? null : throw Failure("look at", name.ToString(), error);
    }

    public override TreeDirectory OpenDirectory(TreeName name) =>
        new LinuxTreeDirectory(Opened(LibC.OpenAt(Descriptor, name.Terminated, LibC.DirectoryOnly | LibC.NoFollow | LibC.CloseOnExec, 0), "open directory", name.ToString()));

    public override SafeFileHandle OpenFile(TreeName name, out TreeEntry entry)
    {
        // Without blocking: opening a FIFO would wait for a writer that never comes.
        var file = Opened(LibC.OpenAt(Descriptor, name.Terminated, LibC.NoFollow | LibC.NonBlocking | LibC.CloseOnExec, 0), "open", name.ToString());
        entry = EntryOf(file);
        if (entry.Kind == TreeEntryKind.File)
        {
            return file;
        }

        file.Dispose();
        throw new TreeException($"'{name}' is not a regular file.", 0);
    }

    public override SafeFileHandle? OpenBelow(string relativePath)
    {
        var how = new LibC.OpenHow { Flags = (ulong)(LibC.NonBlocking | LibC.CloseOnExec), Resolve = ResolveBeneath };
        var name = TreeName.Of(relativePath);
        var descriptor = (int)LibC.OpenAt2(OpenAt2Number, Descriptor, name.Terminated, &how, sizeof(LibC.OpenHow));
        if (descriptor < 0 && Marshal.GetLastPInvokeError() is 38 or LibC.NotPermitted && !relativePath.Contains('/', StringComparison.Ordinal))
        {
            // Some containers forbid the call. Then no link is followed at all.
            descriptor = LibC.OpenAt(Descriptor, name.Terminated, LibC.NoFollow | LibC.NonBlocking | LibC.CloseOnExec, 0);
        }

        if (descriptor < 0)
        {
            return null;
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (EntryOf(file).Kind == TreeEntryKind.File)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    public override SafeFileHandle CreateFile(TreeName name, bool executable)
    {
        var mode = executable ? 0b111_101_101u : 0b110_100_100u;
        var file = Opened(LibC.OpenAt(Descriptor, name.Terminated, LibC.WriteOnly | LibC.CreateNew | LibC.NoFollow | LibC.CloseOnExec, mode), "make", name.ToString());
        LibC.StatXBuffer made;

        // Looking is cheaper than changing, which only the process's umask makes necessary.
        if (LibC.StatX((int)file.DangerousGetHandle(), Nothing, LibC.EmptyPath, BasicStats, &made) != 0 || (made.Mode & 0xfff) != mode)
        {
            Check(LibC.ChangeMode(file, mode), "set the mode of", name);
        }

        return file;
    }

    public override void CreateDirectory(TreeName name, bool isPrivate = false)
    {
        var mode = isPrivate ? 0b111_000_000u : 0b111_101_101u;
        Check(LibC.MakeDirectoryAt(_handle, name.Terminated, mode), "make directory", name);
        LibC.StatXBuffer made;
        if (LibC.StatX(Descriptor, name.Terminated, LibC.SymlinkNoFollow, BasicStats, &made) != 0 || (made.Mode & 0xffff) != (0x4000 | mode))
        {
            using var directory = (LinuxTreeDirectory)OpenDirectory(name);
            Check(LibC.ChangeMode(directory._handle, mode), "set the mode of", name);
        }
    }

    public override void CreateLink(TreeName name, ReadOnlySpan<byte> target) =>
        Check(LibC.SymlinkAt(TreeName.Of(target).Terminated, _handle, name.Terminated), "make link", name);

    public override byte[] ReadLink(TreeName name)
    {
        var buffer = new byte[4096];
        var length = LibC.ReadLinkAt(_handle, name.Terminated, buffer, buffer.Length);
        return length >= 0 ? buffer[..(int)length] : throw Failure("read link", name.ToString(), Marshal.GetLastPInvokeError());
    }

    public override bool RemoveFile(TreeName name)
    {
        if (LibC.UnlinkAt(_handle, name.Terminated, 0) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            LibC.NotFound => true,
            LibC.IsDirectory => false,
            var error => throw Failure("remove", name.ToString(), error),
        };
    }

    public override bool RemoveEmptyDirectory(TreeName name)
    {
        if (LibC.UnlinkAt(_handle, name.Terminated, LibC.RemoveDirectory) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            LibC.NotFound => true,
            LibC.NotEmpty or LibC.Exists => false,
            var error => throw Failure("remove directory", name.ToString(), error),
        };
    }

    public override void Move(TreeName name, TreeDirectory to, TreeName newName) =>
        Check(LibC.RenameAt(_handle, name.Terminated, ((LinuxTreeDirectory)to)._handle, newName.Terminated), "move", name);

    public override void ChangeOwner(TreeName name, int userId) =>
        Check(LibC.ChangeOwnerAt(_handle, name.Terminated, userId, userId, LibC.SymlinkNoFollow), "change the owner of", name);

    public override void ChangeOwner(int userId) => Check(LibC.ChangeOwner(_handle, userId, userId), "change the owner of", TreeName.Of("."));

    public override void Unlock(TreeName name)
    {
        // Root needs no permission, and must not change what a link points to; anyone else can only hurt themselves.
        if (LibC.EffectiveUser() != 0)
        {
            Check(LibC.ChangeModeAt(_handle, name.Terminated, 0b111_000_000, 0), "set the mode of", name);
        }
    }

    public override void Dispose() => _handle.Dispose();

    private static TreeEntry EntryOf(SafeFileHandle file)
    {
        LibC.StatXBuffer buffer;
        return LibC.StatX((int)file.DangerousGetHandle(), Nothing, LibC.EmptyPath, BasicStats, &buffer) == 0
            ? EntryOf(buffer)
            : throw Failure("look at", "an open file", Marshal.GetLastPInvokeError());
    }

    private static TreeEntry EntryOf(in LibC.StatXBuffer buffer)
    {
        var kind = (buffer.Mode & 0xf000) switch
        {
            0x8000 => TreeEntryKind.File,
            0x4000 => TreeEntryKind.Directory,
            0xa000 => TreeEntryKind.SymbolicLink,
            _ => TreeEntryKind.Special,
        };
        return new TreeEntry(kind, (long)buffer.Size, (buffer.Mode & 0b001_000_000) != 0, (int)buffer.UserId);
    }

    /// <summary>Of struct dirent's type. Not every file system knows it.</summary>
    private static TreeEntryKind? KindOf(byte type) => type switch
    {
        0 => null,
        4 => TreeEntryKind.Directory,
        8 => TreeEntryKind.File,
        10 => TreeEntryKind.SymbolicLink,
        _ => TreeEntryKind.Special,
    };

    private static SafeFileHandle Opened(int descriptor, string verb, string name) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(verb, TreeName.Shown(name), Marshal.GetLastPInvokeError());

    private static void Check(int result, string verb, TreeName name)
    {
        if (result != 0)
        {
            throw Failure(verb, name.ToString(), Marshal.GetLastPInvokeError());
        }
    }

    private static TreeException Failure(string verb, string name, int error) =>
        new(new StringBuilder("Cannot ").Append(verb).Append(" '").Append(name).Append("': ").Append(Marshal.GetPInvokeErrorMessage(error)).Append('.').ToString(), error);
}
