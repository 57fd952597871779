using System.Globalization;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>Which Ruby an app demands: the <c>ruby</c> line of its Gemfile. Bundler refuses to run under another.</summary>
/// <param name="Texts">The requirements, all of which must hold: <c>3.1.2</c>, <c>~> 3.1</c>.</param>
/// <param name="Place">Where they stand.</param>
internal sealed partial record RubyRequirement(IReadOnlyList<string> Texts, string Place)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>All requirements as one text.</summary>
    public string Text => string.Join(", ", Texts);

    /// <summary>Reads the Gemfile's line; null if there is none that is written out.</summary>
    public static RubyRequirement? Read(SourceTree tree)
    {
        var gemfile = ReadText(tree, "Gemfile");
        if (gemfile is null)
        {
            return null;
        }

        if (FromFile().Match(gemfile) is { Success: true } file)
        {
            var path = file.Groups[1].Value;
            return VersionOf(ReadText(tree, path)) is { } version ? new RubyRequirement([version], path) : null;
        }

        return Literal().Match(gemfile) is { Success: true } line
            ? new RubyRequirement([.. Quoted().Matches(line.Groups[1].Value).Select(static m => m.Groups[1].Value)], "The line 'ruby' in the Gemfile")
            : null;
    }

    /// <summary>The version in a .ruby-version or .tool-versions; null if there is none.</summary>
    public static string? VersionOf(string? text) =>
        text is not null && VersionFile().Match(text) is { Success: true } version ? version.Groups[1].Value : null;

    /// <summary>Whether a version will do. A requirement that is not understood is left to Bundler.</summary>
    public bool Admits(string version) => Texts.All(text => Admits(text, Numbers(version)));

    private static bool Admits(string text, long[]? version)
    {
        if (version is null || Operator().Match(text) is not { Success: true } match || Numbers(match.Groups[2].Value) is not { } wanted)
        {
            return true;
        }

        var order = Compare(version, wanted);
        return match.Groups[1].Value switch
        {
            "" or "=" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            "<=" => order <= 0,

            // ~> 3.1 is below 4, ~> 3.1.2 is below 3.2.
            _ => order >= 0 && Compare(version, [.. wanted[..Math.Max(wanted.Length - 2, 0)], wanted[Math.Max(wanted.Length - 2, 0)] + 1]) < 0,
        };
    }

    private static long[]? Numbers(string version)
    {
        var numbers = new List<long>();
        foreach (var part in version.Split('.'))
        {
            if (part.Length > 9 || !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static int Compare(long[] left, long[] right)
    {
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            var order = (i < left.Length ? left[i] : 0).CompareTo(i < right.Length ? right[i] : 0);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static string? ReadText(SourceTree tree, string path)
    {
        try
        {
            return path.StartsWith('/') ? null : tree.ReadText(path, MaxBytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^[ \t]*ruby[ \t(]+((?:(?:'[^'\n]*'|"[^"\n]*")[ \t]*,?[ \t]*)+)""", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Literal();

    [GeneratedRegex("""^[ \t]*ruby[ \t(]+(?:file:|:file[ \t]*=>)[ \t]*['"]([^'"\n]+)['"]""", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FromFile();

    [GeneratedRegex("""['"]([^'"]*)['"]""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\s*(~>|>=|<=|!=|>|<|=|)\s*([0-9.]+)\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Operator();

    [GeneratedRegex(@"^[ \t]*(?:ruby[- \t]+)?(\d+(?:\.\d+)*)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionFile();
}
