using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// A directory within an app's source, relative to its root and below it: <c>apps/web</c>. Names of ASCII letters, digits and
/// <c>._@+-</c>, at most 255 characters in all; never <c>..</c>, never a name that begins with a hyphen.
/// </summary>
public readonly record struct SourcePath : IParsable<SourcePath>
{
    private const int MaxLength = 255;
    private readonly string? _text;

    private SourcePath(string text) => _text = text;

    /// <summary>Reads a path; slashes at either end are dropped.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SourcePath Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var path) ? path : throw new FormatException(
            "A directory of the source is a relative path such as 'apps/web': names of letters, digits and ._@+- with a slash between, no '..', at most 255 characters.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SourcePath result)
    {
        result = default;
        var text = s?.Trim('/');
        if (text is null or { Length: 0 or > MaxLength } || !text.Split('/').All(IsName))
        {
            return false;
        }

        result = new SourcePath(text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? ".";

    private static bool IsName(string name) =>
        name is { Length: > 0 } and not "." and not ".." && name[0] != '-' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '+' or '-');
}
