using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>What the PHP buildpack reads in a composer.json.</summary>
/// <param name="HasPackages">Whether it requires something that Composer has to install.</param>
/// <param name="HasCompile">Whether it has a script named <c>compile</c>.</param>
/// <param name="BinDirectory">Where Composer puts programs.</param>
internal sealed record ComposerJson(bool HasPackages, bool HasCompile, SourcePath BinDirectory)
{
    /// <summary>The largest file that is read: 2 MiB.</summary>
    public const int MaxBytes = 2 << 20;

    /// <summary>What an app without the file has.</summary>
    public static ComposerJson None { get; } = new(false, false, SourcePath.Parse("vendor/bin"));

    /// <summary>Reads the file's text. An empty file is taken for <c>{}</c>, as the official buildpack does.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ComposerJson? composer, [NotNullWhen(false)] out string? problem) =>
        JsonFile.TryRead("composer.json", string.IsNullOrWhiteSpace(text) ? "{}" : text, "Check it with 'composer validate'.", Of, out composer, out problem);

    private static ComposerJson Of(JsonElement root)
    {
        var config = Member(root, "config");
        var vendor = Text(config, "vendor-dir") ?? "vendor";
        var bin = Text(config, "bin-dir")?.Replace("{$vendor-dir}", vendor, StringComparison.Ordinal) ?? $"{vendor}/bin";
        return new ComposerJson(
            Member(root, "require") is { } required && required.EnumerateObject().Any(static r => !IsPlatform(r.Name)),
            Member(root, "scripts") is { } scripts && scripts.TryGetProperty("compile", out _),
            SourcePath.TryParse(bin, null, out var path) ? path : None.BinDirectory);
    }

    /// <summary>Composer's names for what no package brings.</summary>
    private static bool IsPlatform(string name) =>
        name is "php" or "php-64bit" or "php-ipv6" or "php-zts" or "php-debug" or "hhvm" or "composer" or "composer-plugin-api" or "composer-runtime-api"
        || name.StartsWith("ext-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("lib-", StringComparison.OrdinalIgnoreCase);

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { } present && present.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    private static string? Text(JsonElement? element, string name) =>
        element is { } present && present.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String && member.GetString() is { Length: > 0 } text ? text : null;
}
