using System.Diagnostics.CodeAnalysis;

namespace PaaS.Buildpacks;

/// <summary>
/// What is kept of an app between builds. <c>CACHES/APP</c> belongs to the host. In it are, for each stack, a directory of the app's user
/// (<c>STACK</c>, with <c>cache</c> inside, which a build may remove) and a file of the host's (<c>STACK.json</c>) that no build can reach.
/// </summary>
internal sealed class BuildCache
{
    private const string Marker = "layout-2";
    private const string Inner = "cache";
    private const int MaxDepth = 256;

    // What an entry counts for that holds less: names and inodes are room on the disk, too.
    private const long LeastBytes = 4096;
    private readonly string _app;
    private readonly string _stack;
    private readonly int? _userId;

    private BuildCache(string app, string stack, int? userId) => (_app, _stack, _userId) = (app, stack, userId);

    /// <summary>The directory that commands are shown.</summary>
    public string Mount => System.IO.Path.Combine(_app, _stack);

    /// <summary>The cache, in <see cref="Mount"/>. Of a directory that is itself a mount buildpacks could not remove the name, and some do.</summary>
    public string Path => System.IO.Path.Combine(Mount, Inner);

    /// <summary>The file about the last build.</summary>
    public string RecordPath => Mount + ".json";

    /// <summary>The host's directory of the blocks of the app's slugs.</summary>
    public string Blocks => System.IO.Path.Combine(_app, "blocks");

    /// <summary>Opens an app's, making what is missing. What is there of an earlier layout becomes the cache; what is of another user is removed.</summary>
    public static BuildCache Open(string caches, AppId app, string stack, int? userId)
    {
        var cache = new BuildCache(System.IO.Path.Combine(caches, app.ToString()), stack, userId);
        cache.MakeLayout(caches);
        cache.MakeStack();
        return cache;
    }

    /// <summary>Removes what an interrupted <see cref="Open"/> left.</summary>
    public static void Sweep(string caches)
    {
        if (Directory.Exists(caches))
        {
            foreach (var path in Directory.EnumerateDirectories(caches, ".new-*"))
            {
                BuildWorkspace.Remove(caches, System.IO.Path.GetFileName(path));
            }
        }
    }

    /// <summary>Counts the bytes of its files; each entry is at least 4 KiB.</summary>
    /// <param name="most">Where counting may stop.</param>
    public long Measure(long most)
    {
        using var parent = TreeDirectory.Open(_app);
        using var root = parent.OpenDirectory(TreeName.Of(_stack));
        return Measure(root, most, 0);
    }

    /// <summary>Removes all that builds keep here.</summary>
    public void Empty()
    {
        BuildWorkspace.Remove(_app, _stack);
        MakeStack();
    }

    private static long Measure(TreeDirectory directory, long most, int depth)
    {
        long bytes = 0;
        foreach (var name in directory.List((int)Math.Min(int.MaxValue, (most / LeastBytes) + 2)))
        {
            if (bytes > most)
            {
                break;
            }

            switch (Find(directory, name))
            {
                case { Kind: TreeEntryKind.File, Size: var size }:
                    bytes += Math.Max(size, LeastBytes);
                    break;
                case { Kind: TreeEntryKind.Directory } when depth == MaxDepth:
                    // Nothing honest is so deep; it is as if it were too large.
                    return long.MaxValue;
                case { Kind: TreeEntryKind.Directory } when TryOpen(directory, name, out var inner):
                    using (inner)
                    {
                        var below = Measure(inner, most - bytes, depth + 1);
                        bytes = below == long.MaxValue ? below : bytes + below + (depth == 0 ? 0 : LeastBytes);
                    }

                    break;
                case not null:
                    bytes += LeastBytes;
                    break;
                default:
                    break;
            }
        }

        return bytes;
    }

    // Without a sandbox the app's dynos can change it meanwhile, and whoever is not root may have locked himself out.
    private static TreeEntry? Find(TreeDirectory directory, TreeName name)
    {
        try
        {
            return directory.Find(name);
        }
        catch (TreeException)
        {
            return null;
        }
    }

    private static bool TryOpen(TreeDirectory directory, TreeName name, [NotNullWhen(true)] out TreeDirectory? opened)
    {
        try
        {
            opened = directory.OpenDirectory(name);
            return true;
        }
        catch (TreeException)
        {
            opened = null;
            return false;
        }
    }

    private void MakeLayout(string caches)
    {
        using var parent = TreeDirectory.Open(caches);
        var name = TreeName.Of(System.IO.Path.GetFileName(_app));
        var found = parent.Find(name);
        if (found is { Kind: TreeEntryKind.Directory } && (_userId is null || found.Value.UserId != _userId) && File.Exists(System.IO.Path.Combine(_app, Marker)))
        {
            return;
        }

        var fresh = System.IO.Path.Combine(caches, $".new-{Guid.NewGuid():N}");
        BuildWorkspace.MakePassable(fresh);
        File.WriteAllText(System.IO.Path.Combine(fresh, Marker), string.Empty);
        if (found is { Kind: TreeEntryKind.Directory } && (_userId is null || found.Value.UserId == _userId))
        {
            var stack = System.IO.Path.Combine(fresh, _stack);
            BuildWorkspace.MakeOwned(stack, _userId);
            using var into = TreeDirectory.Open(stack);
            parent.Move(name, into, TreeName.Of(Inner));
        }
        else
        {
            TreeRemoval.Remove(parent, name);
        }

        parent.Move(TreeName.Of(System.IO.Path.GetFileName(fresh)), parent, name);
    }

    private void MakeStack()
    {
        using (var app = TreeDirectory.Open(_app))
        {
            var stack = TreeName.Of(_stack);
            if (app.Find(stack) is not { Kind: TreeEntryKind.Directory, UserId: var owner } || (_userId is { } user && owner != user))
            {
                // Of another user, from before the app got one of its own: its files could not be written, and are not to be trusted.
                TreeRemoval.Remove(app, stack);
                BuildWorkspace.MakeOwned(Mount, _userId);
            }
        }

        using var mount = TreeDirectory.Open(Mount);
        var inner = TreeName.Of(Inner);
        if (mount.Find(inner) is not { Kind: TreeEntryKind.Directory })
        {
            TreeRemoval.Remove(mount, inner);
            mount.CreateDirectory(inner, isPrivate: true);
            if (_userId is { } owner)
            {
                mount.ChangeOwner(inner, owner);
            }
        }
    }
}
