namespace PaaS.Runtime;

/// <summary>The lines <c>KEY=VALUE</c> of a file of variables.</summary>
internal static class EnvLines
{
    /// <summary>Too short to be a variable with a value; <c>heroku local</c> skips them.</summary>
    private const int ShortLine = 2;

    public static IEnumerable<KeyValuePair<string, string>> Read(string text)
    {
        var number = 0;
        foreach (var whole in text.Split('\n'))
        {
            number++;
            var line = Trim(whole);
            if (line.Length <= ShortLine || line[0] == '#')
            {
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            yield return equals < 0
                ? new(line, string.Empty)
                : new(Trim(line[..equals]), Value(Trim(line[(equals + 1)..]), number));
        }
    }

    private static string Value(string value, int line)
    {
        if (value is ['"' or '\'', ..])
        {
            var end = value.IndexOf(value[0], 1);
            return end > 0
                ? value[1..end]
                : throw new FormatException($"Line {line}: a value starts with {value[0]} and has no second one on its line. Add it; a quoted value cannot go on over several lines.");
        }

        var comment = value.IndexOf('#', StringComparison.Ordinal);
        return comment < 0 ? value : Trim(value[..comment]);
    }

    /// <summary>Without blanks at its ends, a byte order mark included.</summary>
    private static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsBlank(text[start]))
        {
            start++;
        }

        while (end > start && IsBlank(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';
}
