using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// The name of an app, unique on a platform and the first label of its web address: 3 to 30 characters of <c>a-z</c>, <c>0-9</c>
/// and <c>-</c>, begins with a letter, does not end with <c>-</c> (Heroku's rule <c>^[a-z][a-z0-9-]{1,28}[a-z0-9]$</c>).
/// </summary>
public readonly record struct AppName : IParsable<AppName>
{
    /// <summary>The shortest name: 3 characters.</summary>
    public const int MinLength = 3;

    /// <summary>The longest name: 30 characters.</summary>
    public const int MaxLength = 30;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly string? _value;

    private AppName(string value) => _value = value;

    /// <summary>Reads a name.</summary>
    /// <param name="s">The text; taken as it is, nothing is trimmed or lowered.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <exception cref="FormatException">Not a name of an app; the message says what is wrong and how to mend it.</exception>
    public static AppName Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Problem(s) is { } problem ? throw new FormatException(problem) : new AppName(s);
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AppName result) => TryParse(s, out result, out _);

    /// <summary>Reads a name, and says what is wrong with a text that is none.</summary>
    /// <param name="s">The text.</param>
    /// <param name="result">The name, or the default.</param>
    /// <param name="problem">What is wrong and how to mend it, or null.</param>
    /// <returns>Whether the text is a name of an app.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, out AppName result, [NotNullWhen(false)] out string? problem)
    {
        problem = Problem(s);
        result = problem is null ? new AppName(s!) : default;
        return problem is null;
    }

    /// <summary>The name itself; empty for the default value.</summary>
    public override string ToString() => _value ?? string.Empty;

    private static string? Problem(string? s)
    {
        if (string.IsNullOrEmpty(s))
        {
            return "An app needs a name, for example 'floating-dragon-42'.";
        }

        if (s.Length is < MinLength or > MaxLength)
        {
            var shown = s.Length <= 2 * MaxLength ? $" '{Printable.Of(s)}'" : string.Empty;
            return $"The app name{shown} has {s.Length} characters; use {MinLength} to {MaxLength}.";
        }

        if (!char.IsAsciiLetterLower(s[0]))
        {
            return $"The app name '{Printable.Of(s)}' begins with '{Printable.Of(s.AsSpan(0, 1))}'; begin with a lower-case letter a-z.";
        }

        var wrong = s.AsSpan().IndexOfAnyExcept(Allowed);
        if (wrong >= 0)
        {
            return $"The app name '{Printable.Of(s)}' has '{Printable.Of(s.AsSpan(wrong, 1))}' at position {wrong + 1}; use only lower-case letters a-z, digits and '-'.";
        }

        return s[^1] == '-' ? $"The app name '{s}' ends with '-'; end with a letter or a digit." : null;
    }
}
