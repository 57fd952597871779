using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>What a requirements.txt says, with the files that it includes.</summary>
internal sealed partial class RequirementFiles
{
    private const int MaxBytes = 2 << 20;
    private const int MaxFiles = 100;
    private const int MaxLength = 8 << 20;
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    private RequirementFiles()
    {
    }

    /// <summary>All files' names and contents, one after the other: it changes if what is to be installed changes.</summary>
    public string Text => _text.ToString();

    /// <summary>The names of the packages that are asked for, as PyPI knows them; not those of paths and addresses.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">One is larger than 2 MiB, all are larger than 8 MiB, or there are more than 100.</exception>
    public static RequirementFiles Read(SourceTree tree, string path)
    {
        var files = new RequirementFiles();
        files.Add(tree, path, isConstraint: false);
        return files;
    }

    private void Add(SourceTree tree, string path, bool isConstraint)
    {
        if (!_read.Add(path))
        {
            return;
        }

        if (_read.Count > MaxFiles)
        {
            throw new InvalidDataException($"requirements.txt includes more than {MaxFiles} files. Put what they say into fewer.");
        }

        // What is not there, or elsewhere, is left to pip to complain about.
        if (tree.ReadText(path, MaxBytes) is not { } content)
        {
            return;
        }

        if (_text.Length + content.Length > MaxLength)
        {
            throw new InvalidDataException($"requirements.txt and the files that it includes are larger than {MaxLength >> 20} MB.");
        }

        _text.Append(path).Append('\n').Append(content).Append('\n');
        foreach (var line in content.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(static l => l.Trim()))
        {
            if (Include().Match(line) is { Success: true } include)
            {
                var directory = path.LastIndexOf('/') is >= 0 and var cut ? path[..cut] : string.Empty;
                if (TreePath.Join(directory, include.Groups[2].Value.Trim('"', '\'')) is { Length: > 0 } included)
                {
                    Add(tree, included, isConstraint || include.Groups[1].Value is "c" or "-constraint");
                }
            }
            else if (!isConstraint && Requirement().Match(line) is { Success: true } requirement)
            {
                _names.Add(requirement.Groups[1].Value);
            }
        }
    }

    [GeneratedRegex(@"^-(r|c|-requirement|-constraint)(?:\s*=?\s*)([^\s#]+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Include();

    // A name, then nothing, a version, extras, a marker, an option or a comment; a path has a slash behind it, or a dot before.
    [GeneratedRegex(@"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:$|[\[=<>!~;@#(]|\s-)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Requirement();
}
