using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>
/// Which versions of Python will do: comma-separated comparisons as in <c>requires-python</c> (<c>&gt;=3.11, !=3.12.*, &lt;4</c>), with
/// Poetry's <c>^3.11</c>, <c>~3.11</c> and <c>||</c> between alternatives. All numbers are of releases; marks of pre-releases are not known.
/// </summary>
internal sealed class PythonVersionCondition
{
    private static readonly string[] Operators = ["===", "~=", "==", "!=", ">=", "<=", ">", "<", "^", "~"];
    private readonly List<List<Func<Version, bool>>> _alternatives;

    private PythonVersionCondition(List<List<Func<Version, bool>>> alternatives) => _alternatives = alternatives;

    /// <summary>A version such as 3.11, whatever its patch.</summary>
    public static PythonVersionCondition OfMinor(string minor) =>
        TryParse($"=={minor}.*", out var condition) ? condition : throw new FormatException($"'{minor}' is no minor version of Python.");

    public static bool TryParse(string text, [NotNullWhen(true)] out PythonVersionCondition? condition)
    {
        var alternatives = new List<List<Func<Version, bool>>>();
        condition = null;
        foreach (var alternative in text.Split("||"))
        {
            var all = new List<Func<Version, bool>>();
            foreach (var part in alternative.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Aggregate(new List<string>(), Joined))
            {
                if (Comparison(part) is not { } comparison)
                {
                    return false;
                }

                all.Add(comparison);
            }

            if (all.Count == 0)
            {
                return false;
            }

            alternatives.Add(all);
        }

        condition = new PythonVersionCondition(alternatives);
        return true;
    }

    /// <summary>Whether a version of three numbers will do.</summary>
    public bool Contains(Version version) => _alternatives.Exists(all => all.TrueForAll(holds => holds(version)));

    /// <summary>An operator may stand apart from its version: <c>&gt;= 3.11</c>.</summary>
    private static List<string> Joined(List<string> parts, string next)
    {
        if (parts.Count > 0 && Array.IndexOf(Operators, parts[^1]) >= 0)
        {
            parts[^1] += next;
        }
        else
        {
            parts.Add(next);
        }

        return parts;
    }

    private static Func<Version, bool>? Comparison(string part)
    {
        if (part == "*")
        {
            return static _ => true;
        }

        var @operator = Array.Find(Operators, o => part.StartsWith(o, StringComparison.Ordinal)) ?? string.Empty;
        var text = part[@operator.Length..];
        var isPrefix = text.EndsWith(".*", StringComparison.Ordinal);
        if (Numbers(isPrefix ? text[..^2] : text) is not { } numbers || (isPrefix && @operator is not ("" or "==" or "!=")))
        {
            return null;
        }

        var least = Of(numbers);
        return @operator switch
        {
            "" or "==" or "===" when isPrefix => version => StartsWith(version, numbers),
            "" or "==" or "===" => version => version == least,
            "!=" when isPrefix => version => !StartsWith(version, numbers),
            "!=" => version => version != least,
            ">=" => version => version >= least,
            "<=" => version => version <= least,
            ">" => version => version > least,
            "<" => version => version < least,
            "^" => version => version >= least && StartsWith(version, numbers[..1]),
            "~" => version => version >= least && StartsWith(version, numbers[..Math.Min(2, numbers.Length)]),
            "~=" when numbers.Length > 1 => version => version >= least && StartsWith(version, numbers[..^1]),
            _ => null,
        };
    }

    private static int[]? Numbers(string text)
    {
        var parts = text.Split('.');
        var numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 4 || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers.Length <= 3 ? numbers : null;
    }

    private static Version Of(int[] numbers) => new(numbers[0], numbers.ElementAtOrDefault(1), numbers.ElementAtOrDefault(2));

    private static bool StartsWith(Version version, int[] numbers) =>
        numbers.AsSpan().SequenceEqual(((int[])[version.Major, version.Minor, version.Build]).AsSpan(0, numbers.Length));
}
