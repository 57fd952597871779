using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>The identity of an account: who owns apps and gives commands. Text form: a lower-case UUID.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct AccountId(Guid Value) : IParsable<AccountId>
{
    /// <summary>A new identity.</summary>
    public static AccountId New() => new(Guid.NewGuid());

    /// <summary>Reads an id.</summary>
    /// <param name="s">32 hex digits in five groups: <c>01234567-89ab-cdef-0123-456789abcdef</c>.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">Not a UUID in that form.</exception>
    public static AccountId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("An account id is a UUID such as 01234567-89ab-cdef-0123-456789abcdef.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AccountId result)
    {
        var good = Guid.TryParseExact(s, "D", out var value);
        result = new AccountId(value);
        return good;
    }

    /// <summary>The UUID in lower case.</summary>
    public override string ToString() => Value.ToString("D");
}
