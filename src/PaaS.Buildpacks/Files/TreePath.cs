namespace PaaS.Buildpacks;

/// <summary>Paths within a tree that files of the tree name.</summary>
internal static class TreePath
{
    /// <summary>A path as seen from a directory of the tree, without <c>.</c> and <c>..</c>.</summary>
    /// <param name="directory">The directory, relative to the root; empty is the root.</param>
    /// <param name="path">A relative path with slashes.</param>
    /// <returns>The path relative to the root; null if it leads out of the tree.</returns>
    public static string? Join(string directory, string path)
    {
        var parts = new List<string>();
        foreach (var part in $"{directory}/{path}".Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count == 0)
            {
                return null;
            }

            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
