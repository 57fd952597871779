using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>A version as npm counts: 20.11.1, 21.0.0-rc.1. Build metadata is ignored.</summary>
internal readonly record struct SemverVersion(long Major, long Minor, long Patch, string Prerelease = "") : IComparable<SemverVersion>
{
    public static bool TryParse(string text, out SemverVersion version)
    {
        version = default;
        if (!SemverPartial.TryParse(text, out var partial) || partial is not { Major: { } major, Minor: { } minor, Patch: { } patch })
        {
            return false;
        }

        version = new SemverVersion(major, minor, patch, partial.Prerelease);
        return true;
    }

    public int CompareTo(SemverVersion other)
    {
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return order != 0 ? order
            : Prerelease.Length == 0 || other.Prerelease.Length == 0 ? other.Prerelease.Length.CompareTo(Prerelease.Length) is var o ? Math.Sign(o) : 0
            : ComparePrerelease(Prerelease.Split('.'), other.Prerelease.Split('.'));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}{(Prerelease.Length > 0 ? "-" + Prerelease : string.Empty)}");

    private static int ComparePrerelease(string[] left, string[] right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var leftIsNumber = long.TryParse(left[i], NumberStyles.None, CultureInfo.InvariantCulture, out var l);
            var rightIsNumber = long.TryParse(right[i], NumberStyles.None, CultureInfo.InvariantCulture, out var r);
            var order = (leftIsNumber, rightIsNumber) switch
            {
                (true, true) => l.CompareTo(r),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(left[i], right[i]),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}

/// <summary>A version of which the end may be missing or an <c>x</c>: 20, 20.x, 20.11.*, *.</summary>
internal readonly record struct SemverPartial(long? Major, long? Minor, long? Patch, string Prerelease)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out SemverPartial partial)
    {
        partial = default;
        if (text is null or { Length: 0 or > 256 })
        {
            return false;
        }

        var rest = text.AsSpan().TrimStart("v=").TrimStart();
        rest = rest.IndexOf('+') is var plus and >= 0 ? rest[..plus] : rest;
        var prerelease = string.Empty;
        if (rest.IndexOf('-') is var dash and >= 0)
        {
            prerelease = rest[(dash + 1)..].ToString();
            rest = rest[..dash];
            if (prerelease.Length == 0 || prerelease.Split('.').Any(static p => p.Length == 0 || !p.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            {
                return false;
            }
        }

        var parts = rest.ToString().Split('.');
        if (parts.Length > 3)
        {
            return false;
        }

        var numbers = new long?[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is "x" or "X" or "*")
            {
                continue;
            }

            if (parts[i].Length > 15 || !long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            // What stands after an x counts for nothing: x.2 is x.
            numbers[i] = i > 0 && numbers[i - 1] is null ? null : number;
        }

        partial = new SemverPartial(numbers[0], numbers[1], numbers[2], numbers[2] is null ? string.Empty : prerelease);
        return true;
    }

    /// <summary>The least version it stands for.</summary>
    public SemverVersion Floor => new(Major ?? 0, Minor ?? 0, Patch ?? 0, Prerelease);

    /// <summary>The first version after all it stands for, or null if there is none.</summary>
    public SemverVersion? Ceiling =>
        Major is null ? null
        : Minor is null ? new SemverVersion(Major.Value + 1, 0, 0, "0")
        : Patch is null ? new SemverVersion(Major.Value, Minor.Value + 1, 0, "0")
        : null;
}
