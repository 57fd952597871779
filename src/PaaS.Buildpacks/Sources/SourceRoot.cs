namespace PaaS.Buildpacks;

/// <summary>Makes one directory of a source all there is of it.</summary>
internal static class SourceRoot
{
    /// <summary>Drops what is outside of a directory, and moves what it holds to the root.</summary>
    /// <param name="directory">The source, which nobody else can reach.</param>
    /// <param name="path">The directory in it.</param>
    /// <returns>Whether there is such a directory; if not, nothing has changed. A link to one is none.</returns>
    public static bool Take(string directory, SourcePath path)
    {
        using var root = TreeDirectory.Open(directory);

        // Out of the way first: it may hold an entry of its own name.
        var aside = TreeName.Of($".paas-{Guid.NewGuid():N}");
        if (!TryMove(root, root, path.ToString().Split('/'), aside))
        {
            return false;
        }

        foreach (var name in root.List(int.MaxValue).Where(name => !name.Bytes.SequenceEqual(aside.Bytes)))
        {
            TreeRemoval.Remove(root, name);
        }

        using (var inner = root.OpenDirectory(aside))
        {
            foreach (var name in inner.List(int.MaxValue))
            {
                inner.Move(name, root, name);
            }
        }

        root.RemoveEmptyDirectory(aside);
        return true;
    }

    private static bool TryMove(TreeDirectory root, TreeDirectory parent, ReadOnlySpan<string> names, TreeName aside)
    {
        var name = TreeName.Of(names[0]);
        if (parent.Find(name) is not { Kind: TreeEntryKind.Directory })
        {
            return false;
        }

        if (names.Length == 1)
        {
            parent.Move(name, root, aside);
            return true;
        }

        using var inner = parent.OpenDirectory(name);
        return TryMove(root, inner, names[1..], aside);
    }
}
