using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>What the Node.js buildpack reads in npm's lock file.</summary>
/// <param name="Text">The file's content.</param>
/// <param name="HasLinks">Whether some dependency lies in the app's own tree, so that the lock file alone does not say what is installed.</param>
/// <param name="HasDevelopment">Whether some dependency is for development only.</param>
internal sealed record PackageLock(string Text, bool HasLinks, bool HasDevelopment)
{
    private const int MaxBytes = 16 << 20;

    /// <summary>Reads an app's lock file.</summary>
    /// <returns>Null if there is none, or none that can be read: npm has its own words for that.</returns>
    public static PackageLock? Read(SourceTree tree)
    {
        try
        {
            // npm prefers the shrinkwrap, too.
            return (tree.ReadText("npm-shrinkwrap.json", MaxBytes) ?? tree.ReadText("package-lock.json", MaxBytes)) is { } text ? Parse(text) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Reads a lock file's text; null if it isn't one of npm 7 or later.</summary>
    public static PackageLock? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("packages", out var packages) || packages.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            bool links = false, development = false;
            foreach (var package in packages.EnumerateObject().Where(static p => p.Name.Length > 0 && p.Value.ValueKind == JsonValueKind.Object))
            {
                links |= Is(package.Value, "link") || IsLocal(package.Value) || !package.Name.StartsWith("node_modules/", StringComparison.Ordinal);
                development |= Is(package.Value, "dev") || Is(package.Value, "devOptional");
            }

            return new PackageLock(text, links, development);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool Is(JsonElement package, string name) => package.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static bool IsLocal(JsonElement package) =>
        package.TryGetProperty("resolved", out var from) && from.ValueKind == JsonValueKind.String && from.GetString()!.StartsWith("file:", StringComparison.Ordinal);
}
