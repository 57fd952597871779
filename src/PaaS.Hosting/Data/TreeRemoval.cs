using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Hosting;

/// <summary>
/// Deletes what tenants left, as a host that may be root must: by descriptors that never pass through a symlink, even
/// one that is swapped in meanwhile; with names that are no UTF-8, modes that forbid reading, and trees of any depth.
/// A directory inside a directory is moved up to the root before it is emptied, so nothing recurses.
/// </summary>
internal sealed unsafe class TreeRemoval : IDisposable
{
    private readonly SafeFileHandle _root;
    private readonly string _path;
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);

    private TreeRemoval(string path)
    {
        _path = path;
        _root = Posix.Open(path, Posix.ReadOnly | Posix.DirectoryOnly | Posix.NoFollow);
    }

    /// <summary>Empties a directory of ours.</summary>
    /// <returns>What could not be deleted, and why; empty when all is gone.</returns>
    public static IReadOnlyList<string> Empty(string directory)
    {
        using var removal = new TreeRemoval(directory);
        removal.Run();
        return [.. removal._failures.Values];
    }

    public void Dispose() => _root.Dispose();

    private void Run()
    {
        // What is moved up shows in the next listing, so this goes on until a listing brings nothing to do.
        for (var progress = true; progress;)
        {
            progress = false;
            foreach (var name in List(_root))
            {
                progress |= !_failures.ContainsKey(name) && Remove(name);
            }
        }
    }

    private bool Remove(string name)
    {
        if (Unlink(_root, name, 0) || Unlink(_root, name, Posix.RemoveDirectory))
        {
            return true;
        }

        using var directory = OpenReadable(_root, name);
        if (directory is null)
        {
            return Failed(name);
        }

        var emptied = true;
        foreach (var child in List(directory))
        {
            emptied &= Unlink(directory, child, 0) || Unlink(directory, child, Posix.RemoveDirectory) || MoveUp(directory, child);
        }

        return (emptied && Unlink(_root, name, Posix.RemoveDirectory)) || Failed(name);
    }

    private bool MoveUp(SafeFileHandle directory, string child)
    {
        // Moving a directory rewrites its "..": without being root that needs the right to write in it.
        using var readable = OpenReadable(directory, child);
        fixed (byte* from = Terminated(child), to = Terminated($"swept-{Guid.NewGuid():N}"))
        {
            return readable is not null && Posix.RenameAt(directory, from, _root, to) == 0;
        }
    }

    private bool Failed(string name)
    {
        _failures.Add(name, $"{Path.Combine(_path, name)}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(Posix.LastError)}");
        return false;
    }

    private static SafeFileHandle? OpenReadable(SafeFileHandle parent, string name)
    {
        fixed (byte* text = Terminated(name))
        {
            using var pinned = Handle(Posix.OpenAt(parent, text, Posix.PathOnly | Posix.DirectoryOnly | Posix.NoFollow | Posix.CloseOnExec, 0));
            if (pinned is null)
            {
                return null;
            }

            // Through the descriptor, so the mode is changed on what was opened and on nothing else.
            var self = $"/proc/self/fd/{pinned.DangerousGetHandle()}";
            if (!Posix.TrySetMode(self, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute))
            {
                return null;
            }

            return Handle(Posix.OpenAt(parent, text, Posix.ReadOnly | Posix.DirectoryOnly | Posix.NoFollow | Posix.CloseOnExec, 0));
        }
    }

    private static SafeFileHandle? Handle(int descriptor) => descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);

    private static bool Unlink(SafeFileHandle directory, string name, int flags)
    {
        fixed (byte* text = Terminated(name))
        {
            return Posix.UnlinkAt(directory, text, flags) == 0 || Posix.LastError == Posix.NoSuchEntry;
        }
    }

    // Names are bytes; Latin-1 keeps every one of them apart, which UTF-8 does not.
    private static byte[] Terminated(string name) => Encoding.Latin1.GetBytes(name + '\0');

    private static List<string> List(SafeFileHandle directory)
    {
        const int NameOffset = 19; // struct dirent of 64-bit Linux: inode 8, offset 8, length 2, type 1, name
        var names = new List<string>();
        var stream = Posix.OpenDirectoryStream(directory);
        try
        {
            for (byte* entry; (entry = Posix.ReadDirectory(stream)) != null;)
            {
                var name = Encoding.Latin1.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset));
                if (name is not ("." or ".."))
                {
                    names.Add(name);
                }
            }
        }
        finally
        {
            _ = Posix.CloseDirectory(stream);
        }

        return names;
    }
}
