using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>
/// Removes a tree that a stranger may still be changing. It never follows a link and needs the same few descriptors however deep
/// the tree is: a directory found inside is first moved up to the top, then emptied there.
/// </summary>
internal static class TreeRemoval
{
    private const int Batch = 4096;
    private const int MostRounds = 1000;

    /// <summary>Removes an entry and all below it; nothing happens if there is none.</summary>
    /// <returns>How many entries that are not directories were removed.</returns>
    /// <exception cref="TreeException">Something could not be removed.</exception>
    public static int Remove(TreeDirectory parent, TreeName name)
    {
        if (parent.RemoveFile(name))
        {
            return 1;
        }

        var removed = 0;
        var prefix = string.Create(CultureInfo.InvariantCulture, $".paas-removed-{Guid.NewGuid():N}-");
        var moved = 0;
        var left = new Stack<TreeName>([name]);
        while (left.TryPop(out var current))
        {
            var rounds = 0;

            // As a file first: what was a directory when it was seen may be a link by now.
            while (!parent.RemoveFile(current) && !parent.RemoveEmptyDirectory(current))
            {
                using var directory = OpenUnlocked(parent, current);
                while (directory?.List(Batch) is { Count: > 0 } names)
                {
                    if (++rounds > MostRounds)
                    {
                        throw new TreeException($"Directory '{current}' is being filled faster than it can be emptied.", LibC.NotEmpty);
                    }

                    foreach (var child in names)
                    {
                        if (directory.RemoveFile(child))
                        {
                            removed++;
                        }
                        else
                        {
                            var up = TreeName.Of(string.Create(CultureInfo.InvariantCulture, $"{prefix}{moved++}"));
                            MoveUnlocked(directory, child, parent, up);
                            left.Push(up);
                        }
                    }
                }
            }
        }

        return removed;
    }

    /// <summary>The directory, or null if somebody else removed or replaced it first.</summary>
    private static TreeDirectory? OpenUnlocked(TreeDirectory parent, TreeName name)
    {
        try
        {
            // Emptying needs read, write and search; a build may leave directories without them (Go's module cache does).
            parent.Unlock(name);
            return parent.OpenDirectory(name);
        }
        catch (TreeException e) when (e.Error is LibC.NotFound or LibC.NotDirectory or LibC.TooManyLinks)
        {
            return null;
        }
        catch (TreeException e) when (e.Error == LibC.AccessDenied)
        {
            throw new TreeException($"{e.Message} It belongs to another user.", e.Error);
        }
    }

    private static void MoveUnlocked(TreeDirectory from, TreeName name, TreeDirectory to, TreeName newName)
    {
        try
        {
            from.Move(name, to, newName);
        }
        catch (TreeException e) when (e.Error is LibC.AccessDenied or LibC.NotPermitted)
        {
            from.Unlock(name);
            from.Move(name, to, newName);
        }
        catch (TreeException e) when (e.Error == LibC.NotFound)
        {
            // Somebody else moved it first.
        }
    }
}
