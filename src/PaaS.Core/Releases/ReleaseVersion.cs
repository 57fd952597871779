using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PaaS.Core;

/// <summary>The number of a release: v1, v2, v3 and so on, never reused. Parses <c>v12</c> and <c>12</c>.</summary>
/// <param name="Number">The number, from 1.</param>
public readonly record struct ReleaseVersion(int Number) : IParsable<ReleaseVersion>, IComparable<ReleaseVersion>
{
    /// <summary>The version after this one.</summary>
    public ReleaseVersion Next => new(Number + 1);

    /// <inheritdoc/>
    public static ReleaseVersion Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var version) ? version : throw new FormatException("A release version is a 'v' and a number from 1, such as v12.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ReleaseVersion result)
    {
        var digits = s.AsSpan();
        if (digits.StartsWith("v"))
        {
            digits = digits[1..];
        }

        var good = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        result = good ? new ReleaseVersion(number) : default;
        return good;
    }

    /// <inheritdoc/>
    public int CompareTo(ReleaseVersion other) => Number.CompareTo(other.Number);

    /// <summary>Whether the left release came before the right one.</summary>
    public static bool operator <(ReleaseVersion left, ReleaseVersion right) => left.Number < right.Number;

    /// <summary>Whether the left release came after the right one.</summary>
    public static bool operator >(ReleaseVersion left, ReleaseVersion right) => left.Number > right.Number;

    /// <summary>Whether the left release is the right one or came before it.</summary>
    public static bool operator <=(ReleaseVersion left, ReleaseVersion right) => left.Number <= right.Number;

    /// <summary>Whether the left release is the right one or came after it.</summary>
    public static bool operator >=(ReleaseVersion left, ReleaseVersion right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"v{Number}");
}
