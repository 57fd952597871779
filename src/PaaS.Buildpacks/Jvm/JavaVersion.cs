using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>A version of Java as <c>java.runtime.version</c> names it: <c>17</c>, <c>17.0.2</c>, <c>1.8</c>, <c>zulu-21</c>.</summary>
/// <param name="Major">8, 11, 17...</param>
/// <param name="Update">What stands behind it, such as <c>0.2</c>; null if every update will do.</param>
internal sealed partial record JavaVersion(int Major, string? Update)
{
    /// <summary>Reads a version. The name of a distribution in front of it is dropped: a machine has Java of one make.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JavaVersion? version)
    {
        version = null;
        if (text.Length > 64 || Shape().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var major = int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture);
        version = new JavaVersion(major, match.Groups["update"].Value is { Length: > 0 } update ? update : null);
        return true;
    }

    /// <summary>Whether an installed version is this one, its update included if one is asked for.</summary>
    public bool IsExactly(JavaVersion installed) =>
        Major == installed.Major && (Update is null || Update == installed.Update || installed.Update?.StartsWith(Update + ".", StringComparison.Ordinal) == true);

    /// <inheritdoc/>
    public override string ToString() => Update is null ? Major.ToString(CultureInfo.InvariantCulture) : $"{Major}.{Update}";

    // 1.8.0_362 is Java 8, update 0_362.
    [GeneratedRegex(@"^(?:[A-Za-z]+-)?(?:1\.)?(?<major>[1-9][0-9]{0,2})(?:\.(?<update>[0-9]+(?:[._][0-9]+)*))?(?:[+-][0-9A-Za-z.+-]*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
