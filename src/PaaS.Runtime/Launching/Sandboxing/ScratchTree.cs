using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// What a tenant's process has written: how much, and away with it. Never follows a symbolic link, takes names as the
/// bytes they are, and isn't led by depth into running out of stack, descriptors or path length.
/// </summary>
internal static unsafe class ScratchTree
{
    /// <summary>A count ends here: nobody nests so deep but to hide something.</summary>
    public const int DeepestCounted = 200;

    /// <summary>What an entry counts for that takes less.</summary>
    public const long LeastBytes = 4096;

    private const int DeepestRemoved = 100;
    private const int NameOffset = 19;
    private const uint OwnerOnly = 0b111_000_000;
    private static readonly int OpenFlags = Libc.OpenReadOnly | Libc.OpenDirectory | Libc.OpenNoFollow | Libc.OpenNonBlocking | Libc.OpenCloseOnExec;
    private static readonly bool IsRoot = Libc.EffectiveUserId() == 0;

    /// <summary>
    /// The bytes a directory and everything below it take on disk, at least <see cref="LeastBytes"/> for each entry: names and
    /// inodes are limited too. <see cref="long.MaxValue"/> if it is nested deeper than <see cref="DeepestCounted"/>.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <param name="most">A count beyond this is of no interest, and ends.</param>
    public static long Measure(string path, long most = long.MaxValue) => WithName(path, name => Measure(Libc.AtCurrentDirectory, name, 0, most));

    /// <summary>Removes a directory and everything below it.</summary>
    /// <returns>Whether nothing of it is left.</returns>
    public static bool TryRemove(string path)
    {
        if (!Directory.Exists(path))
        {
            return true;
        }

        WithName(path, static name =>
        {
            RemoveContent(Libc.AtCurrentDirectory, name);
            return Libc.UnlinkAt(Libc.AtCurrentDirectory, name, Libc.AtRemoveDirectory);
        });
        return !Directory.Exists(path);
    }

    private static long Measure(int parent, byte* name, int depth, long most)
    {
        if (depth > DeepestCounted)
        {
            return long.MaxValue;
        }

        // A directory that has gone meanwhile takes nothing.
        if (Open(parent, name) is not (var stream and not 0))
        {
            return 0;
        }

        var bytes = 0L;
        while (bytes <= most && bytes != long.MaxValue && Next(stream) is var entry and not null)
        {
            if (!Libc.TryStatus(Libc.DescriptorOf(stream), entry, Libc.AtNoFollow, out var status))
            {
                continue;
            }

            // A file with several names takes its place once: all of them are in here.
            bytes += Math.Max(LeastBytes, (long)status.Blocks * 512) / Math.Max(1, status.IsDirectory ? 1 : status.Links);
            if (status.IsDirectory && Measure(Libc.DescriptorOf(stream), entry, depth + 1, most - bytes) is var below)
            {
                bytes = below == long.MaxValue ? below : bytes + below;
            }
        }

        _ = Libc.CloseStream(stream);
        return bytes;
    }

    private static void RemoveContent(int parent, byte* name)
    {
        if (OpenToRemove(parent, name) is not (var stream and not 0))
        {
            return;
        }

        // Directories from too far below are moved up here, and found in another round.
        var moved = 0;
        do
        {
            moved = 0;
            Libc.RewindStream(stream);
            RemoveEntries(stream, Libc.DescriptorOf(stream), 0, ref moved);
        }
        while (moved > 0);
        _ = Libc.CloseStream(stream);
    }

    private static void RemoveEntries(nint stream, int top, int depth, ref int moved)
    {
        var here = Libc.DescriptorOf(stream);
        while (Next(stream) is var entry and not null)
        {
            if (!Libc.TryStatus(here, entry, Libc.AtNoFollow, out var status))
            {
                continue;
            }

            if (!status.IsDirectory)
            {
                _ = Libc.UnlinkAt(here, entry, 0);
                continue;
            }

            if (depth < DeepestRemoved)
            {
                if (OpenToRemove(here, entry) is var below and not 0)
                {
                    RemoveEntries(below, top, depth + 1, ref moved);
                    _ = Libc.CloseStream(below);
                }

                _ = Libc.UnlinkAt(here, entry, Libc.AtRemoveDirectory);
            }
            else if (MoveUp(here, entry, top))
            {
                moved++;
            }
        }
    }

    private static bool MoveUp(int directory, byte* name, int top)
    {
        fixed (byte* unique = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N") + '\0'))
        {
            return Libc.RenameAt(directory, name, top, unique) == 0;
        }
    }

    private static nint OpenToRemove(int parent, byte* name)
    {
        if (!IsRoot && Libc.TryStatus(parent, name, Libc.AtNoFollow, out var status) && status.IsDirectory)
        {
            // Its owner may have locked it. Nothing of the tree is alive that could put a link in its place.
            _ = Libc.ChangeModeAt(parent, name, OwnerOnly, 0);
        }

        return Open(parent, name);
    }

    private static nint Open(int parent, byte* name)
    {
        var descriptor = Libc.OpenAt(parent, name, OpenFlags, 0);
        if (descriptor < 0)
        {
            return 0;
        }

        var stream = Libc.OpenStream(descriptor);
        if (stream == 0)
        {
            _ = Libc.Close(descriptor);
        }

        return stream;
    }

    /// <summary>The next name but <c>.</c> and <c>..</c>; null at the end.</summary>
    private static byte* Next(nint stream)
    {
        while (true)
        {
            var entry = Libc.ReadStream(stream);
            if (entry is null)
            {
                return null;
            }

            var name = entry + NameOffset;
            if (name[0] != '.' || (name[1] != 0 && (name[1] != '.' || name[2] != 0)))
            {
                return name;
            }
        }
    }

    private static long WithName(string path, NameFunction work)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return work(name);
        }
    }

    private delegate long NameFunction(byte* name);
}
