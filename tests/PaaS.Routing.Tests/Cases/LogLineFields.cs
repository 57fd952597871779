using System.Text.RegularExpressions;

namespace PaaS.Routing.Tests;

/// <summary>A router line, taken apart.</summary>
internal static partial class LogLineFields
{
    /// <summary>Its fields; values keep their quotes.</summary>
    public static Dictionary<string, string> Of(string line)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var end = 0;
        foreach (Match field in Field().Matches(line))
        {
            Assert.True(field.Index == end, $"The router line can't be read at character {end}: {line}");
            Assert.True(fields.TryAdd(field.Groups[1].Value, field.Groups[2].Value), $"The field {field.Groups[1].Value} is there twice: {line}");
            end = field.Index + field.Length;
        }

        Assert.True(end == line.Length, $"The router line can't be read at character {end}: {line}");
        return fields;
    }

    [GeneratedRegex("""([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "]*)(?: |$)""", RegexOptions.CultureInvariant)]
    private static partial Regex Field();
}
