using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The SDK that an app's global.json asks for.</summary>
/// <param name="Text">The version as written.</param>
/// <param name="Version">Its three numbers.</param>
/// <param name="RollForward">Which others will do.</param>
internal sealed partial record GlobalJson(string Text, Version Version, string RollForward)
{
    private const int MaxBytes = 256 * 1024;
    private static readonly string[] Policies = ["patch", "latestPatch", "feature", "latestFeature", "minor", "latestMinor", "major", "latestMajor", "disable"];

    /// <summary>Reads it; null if there is none, or it names no SDK.</summary>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public static GlobalJson? Read(SourceTree tree, out string? problem)
    {
        problem = null;
        return tree.ReadText("global.json", MaxBytes) is { } text ? Parse(text, out problem) : null;
    }

    /// <summary>Whether an SDK will do. The hundreds of a patch are a feature band: 10.0.1xx, 10.0.2xx.</summary>
    public bool Accepts(Version sdk) => RollForward switch
    {
        "disable" => sdk == Version,
        "patch" or "latestPatch" => sdk >= Version && (sdk.Major, sdk.Minor, sdk.Build / 100) == (Version.Major, Version.Minor, Version.Build / 100),
        "feature" or "latestFeature" => sdk >= Version && (sdk.Major, sdk.Minor) == (Version.Major, Version.Minor),
        "minor" or "latestMinor" => sdk >= Version && sdk.Major == Version.Major,
        _ => sdk >= Version,
    };

    internal static GlobalJson? Parse(string text, out string? problem)
    {
        problem = null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("sdk", out var sdk) || sdk.ValueKind != JsonValueKind.Object
                || !sdk.TryGetProperty("version", out var version) || version.GetString() is not { } wanted)
            {
                return null;
            }

            var policy = sdk.TryGetProperty("rollForward", out var roll) && roll.GetString() is { } named ? named : "patch";
            if (Numbers().Match(wanted) is { Success: true } match && Array.Find(Policies, known => known.Equals(policy, StringComparison.OrdinalIgnoreCase)) is { } known)
            {
                return new GlobalJson(wanted, Version.Parse(match.Groups[1].Value), known);
            }

            problem = $"global.json asks for the SDK '{TreeName.Shown(wanted)}' with rollForward '{TreeName.Shown(policy)}'. Write a full version such as 10.0.100, and a policy of dotnet's: {string.Join(", ", Policies)}.";
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = $"global.json can't be read: {e.Message}";
            return null;
        }
    }

    [GeneratedRegex(@"^([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,5})(?:-[0-9A-Za-z.-]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
