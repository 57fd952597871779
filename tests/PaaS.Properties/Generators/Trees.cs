using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>One entry of a tree: a path, and the content of a file or the target of a link; neither is an empty directory.</summary>
public sealed record TreeNode(string Path, string? Content, string? Target, bool Executable);

/// <summary>Directory trees: few names, so that they meet; some long, some with odd characters.</summary>
public static class Trees
{
    private static readonly string[] SomeNames =
        ["a", "b", "a b", "é", "Z", "a.b", "a-b", ".hidden", "-", "\u4f60", new string('n', 90), new string('m', 180), "*", "'", "\\"];

    private static Gen<string> Path =>
        from depth in Gen.Choose(1, 4)
        from names in Gen.Elements(SomeNames).ArrayOf(depth)
        select string.Join('/', names);

    private static Gen<TreeNode> Node =>
        from path in Path
        from kind in Gen.Choose(0, 4)
        from size in Gen.Choose(0, 2000)
        from letter in Gen.Elements('x', 'y', '\n')
        from executable in Gen.Elements(true, false)
        from target in Gen.Elements("a", "/etc/hostname", "../../..", new string('t', 150))
        select kind switch
        {
            0 => new TreeNode(path, null, null, false),
            1 => new TreeNode(path, null, target, false),
            _ => new TreeNode(path, new string(letter, size), null, executable),
        };

    /// <summary>Nodes that can stand in one tree together: none below a file or a link, none twice.</summary>
    public static Gen<IReadOnlyList<TreeNode>> Any => Node.ListOf().Resize(12).Select(static nodes =>
    {
        var taken = new Dictionary<string, bool>(StringComparer.Ordinal);
        var kept = new List<TreeNode>();
        foreach (var node in nodes)
        {
            var parents = Parents(node.Path).ToList();
            if (taken.ContainsKey(node.Path) || parents.Exists(p => taken.TryGetValue(p, out var isDirectory) && !isDirectory))
            {
                continue;
            }

            parents.ForEach(p => taken[p] = true);
            taken[node.Path] = node is { Content: null, Target: null };
            kept.Add(node);
        }

        return (IReadOnlyList<TreeNode>)kept;
    });

    /// <summary>Makes the tree on disk, in the order of the list.</summary>
    public static void Write(string directory, IEnumerable<TreeNode> nodes)
    {
        Directory.CreateDirectory(directory);
        foreach (var node in nodes)
        {
            var full = System.IO.Path.Combine(directory, node.Path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
            if (node.Target is { } target)
            {
                File.CreateSymbolicLink(full, target);
            }
            else if (node.Content is { } content)
            {
                File.WriteAllText(full, content);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(full, node.Executable ? UnixFileMode.UserRead | UnixFileMode.UserExecute : UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }
            else
            {
                Directory.CreateDirectory(full);
            }
        }
    }

    /// <summary>What is on disk, without what an archive does not keep: times, owners, and all of the mode but the executable bit.</summary>
    public static string Read(string directory) =>
        string.Join('\n', Entries(new DirectoryInfo(directory))
            .Select(entry => System.IO.Path.GetRelativePath(directory, entry.FullName) + Said(entry))
            .Order(StringComparer.Ordinal));

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

    private static string Said(FileSystemInfo entry) =>
        entry.LinkTarget is { } target ? $" -> {target}"
        : entry is DirectoryInfo ? "/"
        : $" {!OperatingSystem.IsWindows() && entry.UnixFileMode.HasFlag(UnixFileMode.UserExecute)} {File.ReadAllText(entry.FullName)}";

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
