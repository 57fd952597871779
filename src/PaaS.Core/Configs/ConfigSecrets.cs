using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace PaaS.Core;

/// <summary>
/// The one rule that says which texts of a config var are secrets: what its name says so, a URL or connection string with a password in
/// it, and what looks random. Everything else is readable.
/// </summary>
internal static class ConfigSecrets
{
    /// <summary>What is shorter is never masked: too much else would be masked with it.</summary>
    public const int MinBytes = 6;

    /// <summary>The same for what the app's settings name.</summary>
    public const int MinListedBytes = 4;

    /// <summary>How deep texts within texts of JSON are looked at.</summary>
    private const int MaxDepth = 8;

    /// <summary>How many URLs of one value are looked at.</summary>
    private const int MaxUrls = 64;

    private static readonly SearchValues<char> UrlEnds = SearchValues.Create(" \t\r\n\"'<>");

    /// <summary>Words that are no secrets, whatever a name says: <c>AUTH_MODE=production</c>.</summary>
    private static readonly FrozenSet<string> Plain = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "production", "development", "staging", "testing", "default", "enabled", "disabled", "required", "optional", "localhost", "warning", "always", "undefined", "public", "private", "system");

    /// <summary>The secrets of a config var; each may have several lines. May hold the same more than once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="isListed">Whether the app's settings say that it is one.</param>
    public static IEnumerable<string> Of(string name, string value, bool isListed)
    {
        var parts = Parts(value, 0).ToList();
        if (isListed || parts.Count > 0 || Counts(name, value))
        {
            parts.Insert(0, value);
        }

        var least = isListed ? MinListedBytes : MinBytes;
        return parts.Where(part => Encoding.UTF8.GetByteCount(part) >= least);
    }

    /// <summary>Whether a word is known to be none.</summary>
    public static bool IsPlain(string word) => Plain.Contains(word);

    private static bool Counts(string name, string value) => !IsPlain(value) && (SecretNames.SaySecret(name) || (!IsAddress(value) && RandomText.Looks(value)));

    /// <summary>A URL without a secret in it stays readable, random as its path may look.</summary>
    private static bool IsAddress(string value) => value.Contains("://", StringComparison.Ordinal) && !value.Any(char.IsWhiteSpace);

    /// <summary>What within a value is a secret: passwords of URLs, secrets of connection strings and of JSON.</summary>
    private static IEnumerable<string> Parts(string value, int depth)
    {
        if (depth > MaxDepth)
        {
            return [];
        }

        var trimmed = value.AsSpan().TrimStart();
        return trimmed.StartsWith("{") || trimmed.StartsWith("[") ? OfJson(value, depth) : OfUrl(value).Concat(OfPairs(value, ';'));
    }

    private static IEnumerable<string> OfUrl(string value)
    {
        var at = -3;
        for (var count = 0; count < MaxUrls && (at = value.IndexOf("://", at + 3, StringComparison.Ordinal)) >= 0; count++)
        {
            var rest = value[(at + 3)..];
            var end = rest.AsSpan().IndexOfAny(UrlEnds);
            rest = end < 0 ? rest : rest[..end];

            // A password may hold what ends an authority if nobody encoded it: the last @ decides.
            var sign = rest.LastIndexOf('@');
            var query = rest.IndexOf('?', Math.Max(sign, 0));
            var user = sign < 0 ? [] : rest[..sign].Split(':', 2);
            var inAuthority = sign >= 0 && (rest.AsSpan().IndexOfAny("/?#") is var slash && (slash < 0 || slash > sign || user[0].AsSpan().IndexOfAny("/?#") < 0));
            if (inAuthority && user is [var name, { Length: > 0 } password])
            {
                yield return $"{name}:{password}@";
                if (password != name && !IsPlain(password))
                {
                    yield return password;
                    yield return Uri.UnescapeDataString(password);
                }
            }
            else if (inAuthority && user is [var token] && RandomText.Looks(token))
            {
                yield return token;
            }

            foreach (var secret in query < 0 ? [] : OfPairs(rest[(query + 1)..], '&'))
            {
                yield return secret;
                yield return Uri.UnescapeDataString(secret);
            }
        }
    }

    /// <summary>Of <c>Server=x;User Id=y;Password=z</c> the last.</summary>
    private static IEnumerable<string> OfPairs(string value, char separator)
    {
        foreach (var pair in value.Split(separator))
        {
            var cut = pair.IndexOf('=', StringComparison.Ordinal);
            if (cut > 0 && !pair.AsSpan(0, cut).Contains('\n') && SecretNames.SaySecret(pair[..cut]) && pair[(cut + 1)..].Trim().Trim('"', '\'') is { Length: > 0 } secret && !IsPlain(secret))
            {
                yield return secret;
            }
        }
    }

    private static List<string> OfJson(string value, int depth)
    {
        var found = new List<string>();
        try
        {
            using var json = JsonDocument.Parse(value);
            Collect(string.Empty, json.RootElement, found, depth);
        }
        catch (JsonException)
        {
            // It only begins like JSON; it is one text then.
        }

        return found;
    }

    private static void Collect(string name, JsonElement element, List<string> found, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Collect(NameOf(property), property.Value, found, depth);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Collect(name, item, found, depth);
                }

                break;
            case JsonValueKind.String when TextOf(element) is { Length: > 0 } text:
                found.AddRange(Parts(text, depth + 1));
                if (Counts(name, text))
                {
                    found.Add(text);
                }

                break;
            default:
                break;
        }
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // As below; a name that nobody can read says nothing.
            return string.Empty;
        }
    }

    private static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped, is JSON to the parser and no text: as it is written it may be shown all the same.
            return element.GetRawText()[1..^1];
        }
    }
}
