namespace PaaS.Buildpacks.Tests;

/// <summary>A directory tree as text, to compare: one line an entry.</summary>
internal static class Tree
{
    public static string Describe(string directory)
    {
        var lines = new List<string>();
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
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
}
