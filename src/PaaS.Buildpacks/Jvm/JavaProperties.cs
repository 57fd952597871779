using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>Reads one value of a Java properties file, by the rule of Heroku's JVM buildpacks: a name at a line's start, and a word after blanks or <c>=</c>.</summary>
internal static partial class JavaProperties
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The value, or null if the file or the name is not there, or the value is empty.</summary>
    /// <param name="tree">The app.</param>
    /// <param name="path">Of the file, such as <c>system.properties</c>.</param>
    /// <param name="name">Of the property, such as <c>java.runtime.version</c>.</param>
    /// <exception cref="InvalidDataException">The file is larger than 1 MiB.</exception>
    public static string? Read(SourceTree tree, string path, string name)
    {
        if (tree.ReadText(path, MaxBytes) is not { } text)
        {
            return null;
        }

        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && Value().Match(line, name.Length) is { Success: true } match)
            {
                return match.Groups[1].Value is { Length: > 0 } value ? value : null;
            }
        }

        return null;
    }

    [GeneratedRegex(@"\G(?:[ \t]*=[ \t]*|[ \t]+)([_A-Za-z0-9.-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Value();
}
