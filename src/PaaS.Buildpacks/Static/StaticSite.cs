using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>What a static.json says, as the official buildpack reads it.</summary>
internal sealed record StaticSite
{
    /// <summary>The largest file that is read: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxEntries = 1000;
    private const int MaxText = 8192;
    private static readonly string[] s_known =
        ["root", "encoding", "clean_urls", "https_only", "canonical_host", "error_page", "basic_auth", "routes", "redirects", "headers", "logging", "proxies"];

    /// <summary>The directory that is served, if it is named.</summary>
    public string? Root { get; private init; }

    /// <summary>The character set of texts.</summary>
    public string Encoding { get; private init; } = "UTF-8";

    /// <summary>Whether <c>/about</c> is <c>about.html</c>.</summary>
    public bool CleanUrls { get; private init; }

    /// <summary>Whether everything else is sent to https.</summary>
    public bool HttpsOnly { get; private init; }

    /// <summary>Whether a name and a password are asked for.</summary>
    public bool BasicAuth { get; private init; }

    /// <summary>The only host that answers; others are sent there.</summary>
    public string? CanonicalHost { get; private init; }

    /// <summary>The page for what is not found.</summary>
    public string? ErrorPage { get; private init; }

    /// <summary>Patterns of paths, and the file that answers for them if there is none of their own.</summary>
    public IReadOnlyList<(string Pattern, string File)> Routes { get; private init; } = [];

    /// <summary>Paths, where they lead, and with which status.</summary>
    public IReadOnlyList<(string Path, string Url, int Status)> Redirects { get; private init; } = [];

    /// <summary>Patterns of paths, names and values; later ones win.</summary>
    public IReadOnlyList<(string Pattern, string Name, string Value)> Headers { get; private init; } = [];

    /// <summary>Names in the file that mean nothing here.</summary>
    public IReadOnlyList<string> Unknown { get; private init; } = [];

    /// <summary>Reads the file's text.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out StaticSite? site, [NotNullWhen(false)] out string? problem) =>
        JsonFile.TryRead("static.json", text, "Trailing commas and comments are not allowed.", Of, out site, out problem);

    private static StaticSite Of(JsonElement root)
    {
        if (root.TryGetProperty("proxies", out var proxies) && proxies.ValueKind == JsonValueKind.Object && proxies.EnumerateObject().Any())
        {
            throw new InvalidDataException("'proxies' is not offered by this platform. Call the other host from the browser, or serve both from an app of your own, and remove it.");
        }

        return new StaticSite
        {
            Root = Path(Text(root, "root"), "root"),
            Encoding = Text(root, "encoding") ?? "UTF-8",
            CleanUrls = Flag(root, "clean_urls"),
            HttpsOnly = Flag(root, "https_only"),
            BasicAuth = Flag(root, "basic_auth"),
            CanonicalHost = Text(root, "canonical_host") is not { } host ? null
                : host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':') ? host : throw new InvalidDataException("'canonical_host' must be the name of a host, such as www.example.com."),
            ErrorPage = Path(Text(root, "error_page"), "error_page"),
            Routes = [.. Members(root, "routes").Select(static r => (Plain(r.Name), Path(r.Value.ValueKind == JsonValueKind.String ? Plain(r.Value.GetString()!) : null, $"routes.{r.Name}")
                ?? throw new InvalidDataException($"'routes' must map {TreeName.Shown(r.Name)} to the name of a file.")))],
            Redirects = [.. Members(root, "redirects").Select(Redirect)],
            Headers = [.. Members(root, "headers").SelectMany(static h => Fields(h))],
            Unknown = [.. root.EnumerateObject().Select(static p => p.Name).Where(static name => !s_known.Contains(name, StringComparer.Ordinal)).Take(10)],
        };
    }

    private static (string Path, string Url, int Status) Redirect(JsonProperty redirect)
    {
        var url = redirect.Value.ValueKind switch
        {
            JsonValueKind.String => redirect.Value.GetString(),
            JsonValueKind.Object => Text(redirect.Value, "url"),
            _ => null,
        };
        var status = redirect.Value.ValueKind == JsonValueKind.Object && redirect.Value.TryGetProperty("status", out var given) ? (given.TryGetInt32(out var number) ? number : 0) : 301;
        return url is null || status is not (301 or 302 or 303 or 307 or 308)
            ? throw new InvalidDataException($"'redirects' must map {TreeName.Shown(redirect.Name)} to {{\"url\": \"...\", \"status\": 301, 302, 303, 307 or 308}}.")
            : (Plain(redirect.Name), Plain(url), status);
    }

    private static IEnumerable<(string Pattern, string Name, string Value)> Fields(JsonProperty pattern)
    {
        if (pattern.Value.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'headers' must map {TreeName.Shown(pattern.Name)} to an object of names and values.");
        }

        foreach (var field in pattern.Value.EnumerateObject())
        {
            var isName = field.Name.Length is > 0 and <= 256 && field.Name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
            yield return isName && field.Value.ValueKind == JsonValueKind.String
                ? (Plain(pattern.Name), field.Name, Plain(field.Value.GetString()!))
                : throw new InvalidDataException($"'headers' has '{TreeName.Shown(field.Name)}', which is no header's name with a text as its value.");
        }
    }

    private static JsonProperty[] Members(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return member.ValueKind != JsonValueKind.Object ? throw new InvalidDataException($"'{name}' must be an object.")
            : member.EnumerateObject().Count() > MaxEntries ? throw new InvalidDataException($"'{name}' has more than {MaxEntries} entries.")
            : [.. member.EnumerateObject()];
    }

    private static bool Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) && member.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw new InvalidDataException($"'{name}' must be true or false."),
        };

    private static string? Text(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null ? null
        : member.ValueKind == JsonValueKind.String && member.GetString() is { Length: > 0 } text ? Plain(text)
        : throw new InvalidDataException($"'{name}' must be a text that is not empty.");

    private static string Plain(string text) =>
        text.Length <= MaxText && !text.Any(char.IsControl) ? text : throw new InvalidDataException($"'{TreeName.Shown(text)}' has control characters or is longer than {MaxText} characters.");

    /// <summary>A path within the site, without slashes at its ends.</summary>
    private static string? Path(string? text, string name) =>
        text is null ? null
        : text.Split('/').Contains("..") ? throw new InvalidDataException($"'{name}' leads out of the app.")
        : string.Join('/', text.Split('/').Where(static part => part is not ("" or "."))) is { Length: > 0 } path ? path : ".";
}
