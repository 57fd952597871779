using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PaaS.Core;

/// <summary>The name of a dyno within its app: <c>web.1</c>, <c>run.9157</c>. Dynos of the formation are numbered from 1 without gaps.</summary>
[SuppressMessage("Design", "CA1036", Justification = "Names have an order for lists; to call one smaller than another says nothing.")]
public readonly record struct DynoName : IParsable<DynoName>, IComparable<DynoName>
{
    /// <summary>Makes a name.</summary>
    /// <param name="type">The process type, or the kind of a one-off: <c>run</c>, <c>release</c>, <c>scheduler</c>.</param>
    /// <param name="number">The number, from 1.</param>
    /// <exception cref="ArgumentException">The type is the default value, which has no name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public DynoName(ProcessType type, int number)
    {
        if (type == default)
        {
            throw new ArgumentException("A dyno needs a process type.", nameof(type));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        Type = type;
        Number = number;
    }

    /// <summary>The process type, or the kind of a one-off.</summary>
    public ProcessType Type { get; }

    /// <summary>The number, from 1; 0 only in the default value.</summary>
    public int Number { get; }

    /// <summary>Reads a name.</summary>
    /// <param name="s">A process type, a dot and a number from 1 without leading zeros.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">Not the name of a dyno.</exception>
    public static DynoName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException($"A dyno's name is a process type, a dot and a number from 1, such as 'web.1'; got '{Printable.Of(s, 60)}'.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DynoName result)
    {
        result = default;
        var dot = s is null ? -1 : s.LastIndexOf('.');
        if (dot < 0 || dot + 1 == s!.Length || !char.IsBetween(s[dot + 1], '1', '9'))
        {
            return false;
        }

        if (!ProcessType.TryParse(s[..dot], provider, out var type)
            || !int.TryParse(s.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        result = new DynoName(type, number);
        return true;
    }

    /// <summary>Compares by type, then by number: <c>web.2</c> comes before <c>web.10</c>.</summary>
    /// <param name="other">The other name.</param>
    public int CompareTo(DynoName other) => Type.CompareTo(other.Type) is var order and not 0 ? order : Number.CompareTo(other.Number);

    /// <summary>Type, dot, number; empty for the default value.</summary>
    public override string ToString() => Number == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Type}.{Number}");
}
