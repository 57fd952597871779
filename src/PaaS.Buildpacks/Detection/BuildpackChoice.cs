using System.Collections.Immutable;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>The buildpacks that an app names, and where. Detection is asked only if none does.</summary>
/// <param name="Buildpacks">In the order they run; at least one.</param>
/// <param name="NamedBy">For people: <c>.buildpacks</c>, <c>the app's settings</c>.</param>
internal sealed record BuildpackChoice(ImmutableArray<BuildpackReference> Buildpacks, string NamedBy)
{
    /// <summary>What detection found at an app's first build.</summary>
    public const string FirstBuild = "detection at the app's first build";

    private const string Variable = "BUILDPACK_URL";
    private const string FileName = ".buildpacks";
    private const string ManifestName = "app.json";
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>
    /// Finds the choice: the app's settings, the config var <c>BUILDPACK_URL</c>, <c>.buildpacks</c>, <c>heroku.yml</c>, <c>app.json</c>, and then what
    /// detection found before.
    /// </summary>
    /// <returns>Null if nothing names a buildpack.</returns>
    /// <exception cref="UnbuildableException">A name can't be read, or there are too many.</exception>
    public static BuildpackChoice? Of(BuildSettings settings, ConfigVars configVars, SourceTree tree, HerokuYml? yml)
    {
        if (!settings.Buildpacks.IsEmpty && !settings.IsDetected)
        {
            return new([.. settings.Buildpacks], "the app's settings");
        }

        if (configVars.TryGetValue(Variable, out var url) && url.Trim() is { Length: > 0 } named)
        {
            return new([Parse(named, $"The config var {Variable}")], $"the config var {Variable}");
        }

        if (yml is { DockerLine: { } line })
        {
            throw new UnbuildableException(
                $"{HerokuYml.Name} line {line}: build.docker asks for a container image, and this platform builds slugs with buildpacks, not containers. Name buildpacks below build.buildpacks in its place, or set them with 'heroku buildpacks:set'.");
        }

        return OfFile(tree)
            ?? (yml is { Buildpacks: { Length: > 0 } fromYml } ? Limited(new(fromYml, HerokuYml.Name)) : null)
            ?? OfManifest(tree)
            ?? (settings.Buildpacks.IsEmpty ? null : new([.. settings.Buildpacks], FirstBuild));
    }

    private static BuildpackChoice? OfFile(SourceTree tree)
    {
        if (ReadText(tree, FileName) is not { } text)
        {
            return null;
        }

        var found = ImmutableArray.CreateBuilder<BuildpackReference>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.TrimStart().StartsWith('#'))
            {
                continue;
            }

            foreach (var word in line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                found.Add(Parse(word, $"{FileName} line {number}"));
            }
        }

        return found.Count == 0 ? null : Limited(new(found.ToImmutable(), FileName));
    }

    /// <summary>An <c>app.json</c> that is none is passed over here: whoever reads its other parts says so.</summary>
    private static BuildpackChoice? OfManifest(SourceTree tree)
    {
        string? text;
        try
        {
            text = tree.ReadText(ManifestName, AppManifest.MaxBytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        if (text is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("buildpacks", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
                ? Limited(new([.. list.EnumerateArray().Select(OfElement)], ManifestName))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // The parser lets half a character, escaped, stand in a text, and throws when it is asked for the text.
            throw new UnbuildableException($"{ManifestName}, buildpacks: A text has an escape such as \\ud83d alone, which is half a character.");
        }
    }

    private static BuildpackReference OfElement(JsonElement element, int index) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String
            ? Parse(url.GetString()!, $"{ManifestName}, buildpacks[{index}].url")
            : throw new UnbuildableException($"{ManifestName}, buildpacks[{index}]: It must be an object with a text \"url\", such as {{\"url\": \"heroku/nodejs\"}}.");

    private static string? ReadText(SourceTree tree, string name)
    {
        try
        {
            return tree.ReadText(name, MaxFileBytes);
        }
        catch (InvalidDataException e)
        {
            throw new UnbuildableException($"{e.Message} It holds one buildpack per line.");
        }
    }

    private static BuildpackChoice Limited(BuildpackChoice choice) =>
        choice.Buildpacks.Length <= BuildSettings.MaxBuildpacks
            ? choice
            : throw new UnbuildableException($"{choice.NamedBy} names {choice.Buildpacks.Length} buildpacks; at most {BuildSettings.MaxBuildpacks} can build an app.");

    private static BuildpackReference Parse(string text, string place) =>
        BuildpackReference.TryParse(text, null, out var reference)
            ? reference
            : throw new UnbuildableException(
                $"{place}: '{TreeName.Shown(text)}' names no buildpack. Write a name such as heroku/nodejs, the https address, without user and password, of a git repository (with #branch, #tag or #commit if need be) or of a .tgz.");
}
