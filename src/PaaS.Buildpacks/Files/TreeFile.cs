namespace PaaS.Buildpacks;

/// <summary>Writes into a tree that strangers may change meanwhile.</summary>
internal static class TreeFile
{
    /// <summary>Makes or replaces a file, and the directories above it.</summary>
    /// <param name="root">The tree's root, a path that the host chose.</param>
    /// <param name="path">A relative path without <c>.</c> and <c>..</c>.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="executable">Whether it can be run.</param>
    /// <param name="userId">Whose it becomes; <see langword="null"/> for the host's user.</param>
    public static void Write(string root, string path, ReadOnlySpan<byte> content, bool executable, int? userId)
    {
        var names = path.Split('/');
        if (names.Any(static name => name is "" or "." or ".."))
        {
            throw new ArgumentException($"'{TreeName.Shown(path)}' is no path below the app's directory.", nameof(path));
        }

        var directory = TreeDirectory.Open(root);
        try
        {
            foreach (var part in names[..^1])
            {
                using var parent = directory;
                directory = Enter(parent, TreeName.Of(part), userId);
            }

            var name = TreeName.Of(names[^1]);
            if (directory.Find(name) is not null && !directory.RemoveFile(name))
            {
                throw new TreeException($"'{TreeName.Shown(path)}' is a directory; the build needs a file there. Rename it.", 0);
            }

            using (var file = directory.CreateFile(name, executable))
            {
                RandomAccess.Write(file, content, 0);
            }

            if (userId is { } user)
            {
                directory.ChangeOwner(name, user);
            }
        }
        finally
        {
            directory.Dispose();
        }
    }

    private static TreeDirectory Enter(TreeDirectory parent, TreeName name, int? userId)
    {
        if (parent.Find(name) is null)
        {
            parent.CreateDirectory(name);
            if (userId is { } user)
            {
                parent.ChangeOwner(name, user);
            }
        }

        return parent.OpenDirectory(name);
    }
}
