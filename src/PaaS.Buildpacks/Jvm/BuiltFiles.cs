namespace PaaS.Buildpacks;

/// <summary>A regular file of an app's tree.</summary>
/// <param name="Path">Relative to the app's directory.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Executable">Whether its owner may execute it.</param>
internal sealed record BuiltFile(string Path, long Size, bool Executable)
{
    /// <summary>Its name alone.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Its path as one word of a shell's command.</summary>
    public string ShellWord => PaaS.Buildpacks.ShellWord.Of(Path);
}

/// <summary>Looks for what a build has made. Links are neither followed nor listed.</summary>
internal static class BuiltFiles
{
    private const int MaxEntries = 500_000;
    private const int MaxDepth = 64;

    /// <summary>The regular files below a directory, in ordinal order of their paths; of at most 500,000 entries, directories included. Names that are no text, or hold control characters, are left out.</summary>
    /// <param name="tree">The app.</param>
    /// <param name="directory">A relative path; empty is the root.</param>
    /// <param name="depth">How deep to look; 1 is the directory alone.</param>
    public static IReadOnlyList<BuiltFile> Below(SourceTree tree, string directory = "", int depth = MaxDepth)
    {
        var found = new List<BuiltFile>();
        using (var start = tree.OpenDirectory(directory))
        {
            if (start is not null)
            {
                var left = MaxEntries;
                Add(start, directory, depth, ref left, found);
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return found;
    }

    private static void Add(TreeDirectory parent, string path, int depth, ref int left, List<BuiltFile> found)
    {
        foreach (var name in parent.List(left))
        {
            if (left-- <= 0)
            {
                return;
            }

            if (name.Text is not { } text || text.Any(char.IsControl) || parent.Find(name) is not { } entry)
            {
                continue;
            }

            var own = path.Length == 0 ? text : $"{path}/{text}";
            if (entry.Kind == TreeEntryKind.File)
            {
                found.Add(new BuiltFile(own, entry.Size, entry.Executable));
            }
            else if (entry.Kind == TreeEntryKind.Directory && depth > 1)
            {
                using var below = parent.OpenDirectory(name);
                Add(below, own, depth - 1, ref left, found);
            }
        }
    }
}
