using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// The name of a process type: <c>web</c>, <c>worker</c>. 1 to 128 ASCII letters, digits, <c>_</c> and <c>-</c>
/// (Platform API: <c>^[-\w]{1,128}$</c>). Case is kept and counts: <c>Web</c> is not <c>web</c>.
/// </summary>
[SuppressMessage("Design", "CA1036", Justification = "Names have an order for lists; to call one smaller than another says nothing.")]
public readonly record struct ProcessType : IParsable<ProcessType>, IComparable<ProcessType>
{
    /// <summary>The longest name: 128 characters.</summary>
    public const int MaxLength = 128;

    private readonly string? _value;

    private ProcessType(string value) => _value = value;

    /// <summary><c>web</c>: the only type that gets requests from the router.</summary>
    public static ProcessType Web { get; } = new("web");

    /// <summary><c>release</c>: the command of the release phase. It is no part of the formation.</summary>
    public static ProcessType Release { get; } = new("release");

    /// <summary><c>worker</c>: by custom the background jobs; without special properties.</summary>
    public static ProcessType Worker { get; } = new("worker");

    /// <summary>Reads a process type.</summary>
    /// <param name="s">The text; taken as it is.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">Not a process type.</exception>
    public static ProcessType Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var type)
            ? type
            : throw new FormatException($"A process type has 1 to {MaxLength} ASCII letters, digits, '_' and '-', such as 'web'; got '{Printable.Of(s, 60)}'.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ProcessType result)
    {
        var good = s is { Length: > 0 and <= MaxLength };
        for (var i = 0; good && i < s!.Length; i++)
        {
            good = IsNameCharacter(s[i]);
        }

        result = good ? new ProcessType(s!) : default;
        return good;
    }

    /// <summary>Compares by the bytes of the name.</summary>
    /// <param name="other">The other type.</param>
    public int CompareTo(ProcessType other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>The name itself; empty for the default value.</summary>
    public override string ToString() => _value ?? string.Empty;

    /// <summary>Whether a character may be in a process type.</summary>
    internal static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
