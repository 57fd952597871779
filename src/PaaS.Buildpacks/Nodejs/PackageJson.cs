using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>What the Node.js buildpack reads in a package.json.</summary>
internal sealed record PackageJson
{
    /// <summary>The largest file that is read: 2 MiB.</summary>
    public const int MaxBytes = 2 << 20;

    private const int MaxCacheDirectories = 20;

    /// <summary>What npm compares with a lock file; all of it decides what an install gives.</summary>
    private static readonly string[] s_dependencyMembers =
        ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta", "bundleDependencies", "bundledDependencies", "overrides", "engines", "os", "cpu"];

    /// <summary>The range in <c>engines.node</c>, if any.</summary>
    public string? Node { get; private init; }

    /// <summary>The range in <c>engines.npm</c>, if any.</summary>
    public string? Npm { get; private init; }

    /// <summary>The range in <c>engines.yarn</c>, if any.</summary>
    public string? Yarn { get; private init; }

    /// <summary>The range in <c>engines.pnpm</c>, if any.</summary>
    public string? Pnpm { get; private init; }

    /// <summary>The names of the scripts.</summary>
    public IReadOnlySet<string> Scripts { get; private init; } = new HashSet<string>();

    /// <summary>The file in <c>main</c>, if any.</summary>
    public string? Main { get; private init; }

    /// <summary>Whether it is the root of several packages.</summary>
    public bool HasWorkspaces { get; private init; }

    /// <summary>What it says of dependencies, as it stands in the file: the same text, the same dependencies.</summary>
    public string Dependencies { get; private init; } = string.Empty;

    /// <summary>Directories of the app's that it wants kept from build to build (<c>cacheDirectories</c>); those that are no such thing are left out.</summary>
    public IReadOnlyList<SourcePath> CacheDirectories { get; private init; } = [];

    /// <summary>Reads the text of the file.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PackageJson? package, [NotNullWhen(false)] out string? problem) =>
        JsonFile.TryRead("package.json", text, "Check it with 'node -p \"require(\\\"./package.json\\\")\"'; trailing commas and comments are not allowed.", Of, out package, out problem);

    private static PackageJson Of(JsonElement root)
    {
        var engines = Member(root, "engines", JsonValueKind.Object);
        return new PackageJson
        {
            Node = Text(engines, "node"),
            Npm = Text(engines, "npm"),
            Yarn = Text(engines, "yarn"),
            Pnpm = Text(engines, "pnpm"),
            Scripts = Member(root, "scripts", JsonValueKind.Object) is { } scripts
                ? scripts.EnumerateObject().Where(static s => s.Value.ValueKind == JsonValueKind.String).Select(static s => s.Name).ToHashSet(StringComparer.Ordinal)
                : new HashSet<string>(),
            Main = Text(root, "main"),
            HasWorkspaces = root.TryGetProperty("workspaces", out _),
            Dependencies = string.Join('\n', s_dependencyMembers.Select(name => root.TryGetProperty(name, out var member) ? $"{name}={member.GetRawText()}" : name)),
            CacheDirectories = [.. Directories(root, "cacheDirectories"), .. Directories(root, "cache_directories")],
        };
    }

    private static IEnumerable<SourcePath> Directories(JsonElement root, string name) =>
        Member(root, name, JsonValueKind.Array) is not { } list ? [] : list.EnumerateArray()
            .Where(static d => d.ValueKind == JsonValueKind.String)
            .Select(static d => SourcePath.TryParse(d.GetString(), null, out var path) ? path : default)
            .Where(static d => d != default)
            .Take(MaxCacheDirectories);

    private static JsonElement? Member(JsonElement? element, string name, JsonValueKind kind) =>
        element is { } present && present.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;

    private static string? Text(JsonElement? element, string name) =>
        Member(element, name, JsonValueKind.String)?.GetString() is { Length: > 0 } text ? text.Trim() : null;
}
