using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>Makes what a stranger's script prints fit for the platform's own lines.</summary>
internal static partial class ScriptText
{
    private const int MaxName = 100;
    private const int MaxLines = 40;

    /// <summary>The first line that holds anything, without a terminal's codes, cut to 100 characters.</summary>
    public static string Name(string text)
    {
        var line = Lines(text).FirstOrDefault() ?? string.Empty;
        return line.Length <= MaxName ? line : line[..MaxName].TrimEnd() + "…";
    }

    /// <summary>Up to 40 lines without a terminal's codes and the marks of errors; empty lines are left out.</summary>
    public static string Plain(string text)
    {
        var lines = Lines(text).Take(MaxLines + 1).Select(static line => line.StartsWith('!') ? line[1..].TrimStart() : line).Where(static line => line.Length > 0).ToList();
        return string.Join('\n', lines.Count > MaxLines ? [.. lines[..MaxLines], "…"] : lines);
    }

    private static IEnumerable<string> Lines(string text) =>
        EscapeSequence().Replace(text, string.Empty).Split('\n').Select(Clean).Where(static line => line.Length > 0);

    private static string Clean(string line)
    {
        var clean = new StringBuilder(line.Length);
        foreach (var rune in line.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                clean.Append(' ');
            }
            else if (!Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString().Trim();
    }

    // Colours and cursor moves (CSI), window titles (OSC), and the short ones. What repeats can never be taken two ways: the time is in proportion to the text.
    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])", RegexOptions.CultureInvariant)]
    private static partial Regex EscapeSequence();
}
