using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>What the Node.js buildpack reads in a package.json.</summary>
/// <param name="Node">The range in <c>engines.node</c>, if any.</param>
/// <param name="Npm">The range in <c>engines.npm</c>, if any.</param>
/// <param name="Scripts">The names of the scripts.</param>
/// <param name="Main">The file in <c>main</c>, if any.</param>
internal sealed record PackageJson(string? Node, string? Npm, IReadOnlySet<string> Scripts, string? Main)
{
    /// <summary>The largest file that is read: 2 MiB.</summary>
    public const int MaxBytes = 2 << 20;

    /// <summary>Reads the text of the file.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PackageJson? package, [NotNullWhen(false)] out string? problem)
    {
        package = null;
        try
        {
            using var document = JsonDocument.Parse(text.TrimStart('\ufeff'));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                problem = "package.json is not a JSON object. It begins with '{' and ends with '}'.";
                return false;
            }

            var engines = Member(root, "engines", JsonValueKind.Object);
            package = new PackageJson(
                Text(engines, "node"),
                Text(engines, "npm"),
                Member(root, "scripts", JsonValueKind.Object) is { } scripts
                    ? scripts.EnumerateObject().Where(static s => s.Value.ValueKind == JsonValueKind.String).Select(static s => s.Name).ToHashSet(StringComparer.Ordinal)
                    : new HashSet<string>(),
                Text(root, "main"));
            problem = null;
            return true;
        }
        catch (JsonException e)
        {
            var at = e.LineNumber is { } line ? $" at line {line + 1}, column {e.BytePositionInLine + 1}" : string.Empty;
            problem = $"package.json is not valid JSON{at}. Check it with 'node -p \"require(\\\"./package.json\\\")\"'; trailing commas and comments are not allowed.";
            return false;
        }
    }

    private static JsonElement? Member(JsonElement? element, string name, JsonValueKind kind) =>
        element is { } present && present.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;

    private static string? Text(JsonElement? element, string name) =>
        Member(element, name, JsonValueKind.String)?.GetString() is { Length: > 0 } text ? text.Trim() : null;
}
