using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>The name of a stream in the journal: <c>catalog</c>, <c>app/&lt;uuid&gt;</c>, <c>dynos/&lt;uuid&gt;</c>, <c>builds/&lt;uuid&gt;</c>, <c>account/&lt;uuid&gt;</c>. Lower-case letters, digits, <c>/</c>, <c>-</c>; at most 200 characters.</summary>
public readonly record struct StreamName : IParsable<StreamName>
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789/-");
    private const string DynosPrefix = "dynos/";
    private const string BuildsPrefix = "builds/";
    private readonly string? _value;

    private StreamName(string value) => _value = value;

    /// <summary>Reservations of names, and what else belongs to no single app.</summary>
    public static StreamName Catalog { get; } = new("catalog");

    /// <summary>The stream of an app's decisions.</summary>
    /// <param name="app">The app.</param>
    public static StreamName Of(AppId app) => new($"app/{app.Value:D}");

    /// <summary>The stream of what happens to an app's dynos: no decisions, and compacted.</summary>
    /// <param name="app">The app.</param>
    public static StreamName OfDynos(AppId app) => new($"{DynosPrefix}{app.Value:D}");

    /// <summary>The stream of an app's builds: no decisions, and compacted.</summary>
    /// <param name="app">The app.</param>
    public static StreamName OfBuilds(AppId app) => new($"{BuildsPrefix}{app.Value:D}");

    /// <summary>The stream of an account.</summary>
    /// <param name="account">The account.</param>
    public static StreamName Of(AccountId account) => new($"account/{account.Value:D}");

    /// <summary>Whether old events of the stream may be dropped: only those of <see cref="OfDynos"/> and <see cref="OfBuilds"/>, which hold no decisions.</summary>
    public bool IsCompactable => _value is { } name && (name.StartsWith(DynosPrefix, StringComparison.Ordinal) || name.StartsWith(BuildsPrefix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public static StreamName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException($"A stream name has 1 to 200 of a-z, 0-9, '/', '-'; got '{s}'.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out StreamName result)
    {
        var good = s is { Length: > 0 and <= 200 } && !s.AsSpan().ContainsAnyExcept(Allowed);
        result = good ? new StreamName(s!) : default;
        return good;
    }

    /// <summary>Refuses a stream that may not be compacted; for journals.</summary>
    /// <exception cref="ArgumentException">The stream holds decisions.</exception>
    public void RequireCompactable()
    {
        if (!IsCompactable)
        {
            throw new ArgumentException($"The stream '{this}' holds decisions, of which none is ever dropped. Only streams that begin with '{DynosPrefix}' or '{BuildsPrefix}' are compacted.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? string.Empty;
}
