using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// The file <c>.slugignore</c> in an app's root: one pattern a line for what does not get into the build, roughly as
/// <c>.gitignore</c>. A leading <c>/</c> or one in the middle ties a pattern to the root, otherwise it matches at any depth; a
/// trailing <c>/</c> is for directories only; <c>*</c>, <c>?</c>, <c>[a-z]</c> and <c>**</c> mean what they mean there. There is no
/// negation with <c>!</c> (Heroku has none).
/// </summary>
public sealed class SlugIgnore
{
    /// <summary>The largest file that is read: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The most patterns that are read: 1,000.</summary>
    public const int MaxPatterns = 1000;

    private readonly List<SlugIgnorePattern> _patterns = [];

    private SlugIgnore()
    {
    }

    /// <summary>What its author should know: lines that do nothing, with the reason.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Reads a file's text. Never fails: a line that cannot be used becomes a warning.</summary>
    /// <param name="text">The whole file.</param>
    public static SlugIgnore Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ignore = new SlugIgnore();
        var warnings = new List<string>();
        var number = 0;
        foreach (var line in text.TrimStart('\ufeff').Split('\n'))
        {
            number++;
            var pattern = line.Trim(' ', '\t', '\r');
            if (pattern.Length == 0 || pattern[0] == '#')
            {
                continue;
            }

            if (ignore._patterns.Count == MaxPatterns)
            {
                warnings.Add($".slugignore line {number}: only the first {MaxPatterns} patterns are used.");
                break;
            }

            if (SlugIgnorePattern.TryParse(pattern, out var parsed, out var problem))
            {
                ignore._patterns.Add(parsed);
            }
            else
            {
                warnings.Add($".slugignore line {number}: '{TreeName.Shown(pattern)}' is not used: {problem}");
            }
        }

        ignore.Warnings = warnings;
        return ignore;
    }

    /// <summary>Whether a path is left out by a pattern of its own; what lies below a matching directory goes with it.</summary>
    /// <param name="path">A path relative to the root, with <c>/</c>.</param>
    /// <param name="isDirectory">Whether it is a directory.</param>
    public bool Matches(string path, bool isDirectory)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Matches(path.Split('/', StringSplitOptions.RemoveEmptyEntries), isDirectory);
    }

    /// <summary>Removes what the patterns match from a tree. Links are removed, never followed.</summary>
    /// <param name="directory">The app's root.</param>
    /// <returns>How many files were removed.</returns>
    public int Apply(string directory) => Apply(directory, CancellationToken.None);

    /// <summary>Does the same, and can be stopped: many patterns with many stars take long in a large tree.</summary>
    internal int Apply(string directory, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (_patterns.Count == 0)
        {
            return 0;
        }

        using var root = TreeDirectory.Open(directory);
        return Apply(root, [], cancellationToken);
    }

    /// <summary>Reads the file of a tree, or null if it has none.</summary>
    internal static SlugIgnore? Read(string directory)
    {
        using var root = TreeDirectory.Open(directory);
        using var file = root.OpenBelow(".slugignore");
        if (file is null)
        {
            return null;
        }

        var bytes = BoundedFile.Read(file, MaxBytes, out var all);
        var ignore = Parse(Encoding.UTF8.GetString(bytes));
        if (!all)
        {
            ignore.Warnings = [.. ignore.Warnings, $".slugignore is larger than {MaxBytes:N0} bytes; only its beginning is used."];
        }

        return ignore;
    }

    private bool Matches(IReadOnlyList<string> names, bool isDirectory) => names.Count > 0 && _patterns.Exists(p => p.Matches(names, isDirectory));

    private int Apply(TreeDirectory directory, List<string> path, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var name in directory.List(int.MaxValue))
        {
            cancellationToken.ThrowIfCancellationRequested();
            path.Add(name.ToString());
            var isDirectory = directory.Find(name) is { Kind: TreeEntryKind.Directory };
            if (Matches(path, isDirectory))
            {
                removed += TreeRemoval.Remove(directory, name);
            }
            else if (isDirectory)
            {
                using var below = directory.OpenDirectory(name);
                removed += Apply(below, path, cancellationToken);
            }

            path.RemoveAt(path.Count - 1);
        }

        return removed;
    }
}
