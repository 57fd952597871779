using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>
/// An app's directory, to be looked at. No link leads out of it: what one points to counts only if it is within the directory. Paths
/// are relative to its root, with slashes.
/// </summary>
public sealed class SourceTree
{
    /// <summary>How many names of a directory are looked at.</summary>
    private const int MaxNames = 10_000;

    private readonly string _base;
    private readonly string? _name;
    private readonly string _within;

    /// <summary>Makes a view of a directory; nothing is read yet.</summary>
    /// <param name="directory">An absolute path.</param>
    public SourceTree(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Root = _base = Path.GetFullPath(directory);
        _within = string.Empty;
    }

    /// <summary>A view of an app in a tree that a build may exchange for another, or for a link.</summary>
    /// <param name="directory">A directory of the host's choice.</param>
    /// <param name="name">The tree's name in it.</param>
    /// <param name="within">Where the app is in the tree. Links of the app may point to all of the tree.</param>
    internal SourceTree(string directory, string name, SourcePath? within)
    {
        _base = directory;
        _name = name;
        _within = within is { } path ? $"{path}/" : string.Empty;
        Root = Path.TrimEndingDirectorySeparator(Path.Combine(directory, name, _within));
    }

    /// <summary>The directory, absolute.</summary>
    public string Root { get; }

    /// <summary>Where the app is in its tree; empty for the root.</summary>
    internal string Within => _within;

    /// <summary>Whether the app's directory is there and no link.</summary>
    internal bool IsThere
    {
        get
        {
            try
            {
                return HasDirectory(string.Empty);
            }
            catch (TreeException)
            {
                return false;
            }
        }
    }

    /// <summary>Whether there is a regular file of this name, or a link to one within the tree.</summary>
    /// <param name="path">A relative path.</param>
    public bool HasFile(string path)
    {
        using var root = OpenTree();
        using var file = root.OpenBelow(_within + path);
        return file is not null;
    }

    /// <summary>Whether there is a directory of this name; a link to one does not count.</summary>
    /// <param name="path">A relative path.</param>
    public bool HasDirectory(string path)
    {
        using var directory = OpenDirectory(path);
        return directory is not null;
    }

    /// <summary>Whether anything has this name: a file, a directory, a link wherever it points.</summary>
    /// <param name="path">A relative path.</param>
    public bool Exists(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var cut = path.LastIndexOf('/');
        using var directory = OpenDirectory(cut < 0 ? string.Empty : path[..cut]);
        return directory?.Find(TreeName.Of(path[(cut + 1)..])) is not null;
    }

    /// <summary>Reads a small file as UTF-8; a byte order mark is dropped.</summary>
    /// <param name="path">A relative path.</param>
    /// <param name="maxBytes">The largest size.</param>
    /// <returns>The text, or null if there is no such regular file.</returns>
    /// <exception cref="InvalidDataException">The file is larger.</exception>
    public string? ReadText(string path, int maxBytes)
    {
        using var root = OpenTree();
        using var file = root.OpenBelow(_within + path);
        if (file is null)
        {
            return null;
        }

        var bytes = BoundedFile.Read(file, maxBytes, out var all);
        return all ? Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF') : throw new InvalidDataException($"{TreeName.Shown(path)} is larger than {maxBytes:N0} bytes.");
    }

    /// <summary>The names of the regular files of a directory, links to such included, in ordinal order; of at most 10,000 entries.</summary>
    /// <param name="directory">A relative path; empty is the root.</param>
    /// <param name="pattern">What their names must look like; <c>*</c> stands for any characters.</param>
    public IReadOnlyList<string> Files(string directory = "", string pattern = "*") =>
        Names(directory, pattern, (parent, name, entry) =>
        {
            if (entry.Kind == TreeEntryKind.File)
            {
                return true;
            }

            return entry.Kind == TreeEntryKind.SymbolicLink && HasFile(directory.Length == 0 ? name.Text! : $"{directory}/{name.Text}");
        });

    /// <summary>The names of the directories of a directory, in ordinal order; of at most 10,000 entries.</summary>
    /// <param name="directory">A relative path; empty is the root.</param>
    public IReadOnlyList<string> Directories(string directory = "") => Names(directory, "*", static (_, _, entry) => entry.Kind == TreeEntryKind.Directory);

    /// <summary>Makes or replaces a file of the app's, and the directories above it. No link is followed.</summary>
    internal void Write(string path, ReadOnlySpan<byte> content, bool executable, int? userId) =>
        TreeFile.Write(_base, (_name is null ? string.Empty : $"{_name}/") + _within + path, content, executable, userId);

    private List<string> Names(string directory, string pattern, Func<TreeDirectory, TreeName, TreeEntry, bool> counts)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        using var parent = OpenDirectory(directory);
        if (parent is null)
        {
            return [];
        }

        var like = new Regex($"^{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
        var names = parent.List(MaxNames)
            .Where(name => name.Text is { } text && like.IsMatch(text) && parent.Find(name) is { } entry && counts(parent, name, entry))
            .Select(static name => name.Text!)
            .ToList();
        names.Sort(string.CompareOrdinal);
        return names;
    }

    private TreeDirectory OpenTree()
    {
        var directory = TreeDirectory.Open(_base);
        if (_name is null)
        {
            return directory;
        }

        using (directory)
        {
            return directory.OpenDirectory(TreeName.Of(_name));
        }
    }

    /// <summary>Opens a directory, by names alone: no link in its path is followed. Null if it is none.</summary>
    internal TreeDirectory? OpenDirectory(string path)
    {
        var directory = OpenTree();
        foreach (var part in (_within + path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = TreeName.Of(part);
            using var parent = directory;
            if (part is "." or ".." || parent.Find(name) is not { Kind: TreeEntryKind.Directory })
            {
                return null;
            }

            try
            {
                directory = parent.OpenDirectory(name);
            }
            catch (TreeException)
            {
                // It was swapped for something else meanwhile.
                return null;
            }
        }

        return directory;
    }
}
