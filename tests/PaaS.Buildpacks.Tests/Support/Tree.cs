namespace PaaS.Buildpacks.Tests;

/// <summary>A directory tree as text, to compare: one line an entry.</summary>
internal static class Tree
{
    public static string Describe(string directory)
    {
        var lines = new List<string>();
        foreach (var entry in Entries(new DirectoryInfo(directory)))
        {
            var path = Path.GetRelativePath(directory, entry.FullName);
            lines.Add(entry switch
            {
                { LinkTarget: { } target } => $"{path} -> {target}",
                DirectoryInfo => $"{path}/ {entry.UnixFileMode}",
                _ => $"{path} {entry.UnixFileMode} {File.ReadAllText(entry.FullName)}",
            });
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    public static void Write(string directory, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, content);
        }
    }

    /// <summary>All entries below a directory; unlike the framework's, this does not walk through links.</summary>
    public static IEnumerable<FileSystemInfo> Entries(DirectoryInfo directory)
    {
        foreach (var entry in directory.GetFileSystemInfos())
        {
            yield return entry;
            if (entry is DirectoryInfo { LinkTarget: null } below)
            {
                foreach (var inner in Entries(below))
                {
                    yield return inner;
                }
            }
        }
    }
}
