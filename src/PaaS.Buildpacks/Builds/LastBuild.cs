using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaaS.Buildpacks;

/// <summary>What the host remembers of an app's builds, in a file that no build can reach.</summary>
/// <param name="CacheBytes">How large the cache was after the last build.</param>
/// <param name="Last">The last build that succeeded; null if there is none.</param>
internal sealed record BuildMemory(long CacheBytes, LastBuild? Last)
{
    private const int MaxBytes = 4 << 20;

    /// <summary>Nothing.</summary>
    public static BuildMemory None { get; } = new(0, null);

    /// <summary>Reads the file. One that is missing, or of another version, says nothing: then the app is built.</summary>
    public static BuildMemory Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? JsonSerializer.Deserialize(File.ReadAllBytes(path), BuildMemoryJson.Default.BuildMemory) ?? None : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>Writes the file, at once whole.</summary>
    public void Write(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var fresh = path + ".new";
        using (var file = new FileStream(fresh, options))
        {
            JsonSerializer.Serialize(file, this, BuildMemoryJson.Default.BuildMemory);
        }

        File.Move(fresh, path, overwrite: true);
    }
}

/// <summary>A build that succeeded, and what it depended on.</summary>
internal sealed record LastBuild
{
    public required string Key { get; init; }

    public required string Slug { get; init; }

    public required long Size { get; init; }

    public required string Description { get; init; }

    public required SortedDictionary<string, string> ProcessTypes { get; init; }

    /// <summary>The text of its <c>app.json</c>.</summary>
    public string? Manifest { get; init; }

    public required List<Used> Buildpacks { get; init; }

    public required SortedDictionary<string, string> ConfigVars { get; init; }

    public required List<string> AddOns { get; init; }

    /// <summary>Notes a result.</summary>
    public static LastBuild Of(string key, BuildSucceeded built, string? manifest) => new()
    {
        Key = key,
        Slug = built.Slug.Id.ToString(),
        Size = built.Slug.Size,
        Description = built.Slug.BuildpackDescription,
        ProcessTypes = new(built.Slug.ProcessTypes.ToDictionary(static p => p.Key.ToString(), static p => p.Value), StringComparer.Ordinal),
        Manifest = manifest,
        Buildpacks = [.. built.Buildpacks.Select(static b => new Used(b.Reference.Text, b.DisplayName, b.Digest))],
        ConfigVars = new(built.ConfigVars.ToDictionary(), StringComparer.Ordinal),
        AddOns = [.. built.AddOns],
    };

    /// <summary>The result again, but for how its buildpacks were found this time.</summary>
    /// <param name="commit">The commit that needed no build.</param>
    /// <param name="appDirectory">Where the app is in its tree.</param>
    public BuildSucceeded Again(string? commit, SourcePath? appDirectory)
    {
        ImmutableArray<BuildpackUse> used = [.. Buildpacks.Select(static b => new BuildpackUse(BuildpackReference.Parse(b.Reference), b.DisplayName, b.Digest))];
        var types = ProcessTypes.ToImmutableSortedDictionary(static p => ProcessType.Parse(p.Key), static p => p.Value);
        var manifest = Manifest is null ? null : AppManifest.Parse(Manifest, out _);
        return new BuildSucceeded(new Slug(SlugId.Parse(Slug), Size, types, commit, Description, PaaS.Core.Slug.DefaultStack, manifest, appDirectory))
        {
            Buildpacks = used,
            ConfigVars = ConfigVars.ToImmutableSortedDictionary(StringComparer.Ordinal),
            AddOns = [.. AddOns],
            IsReused = true,
        };
    }

    internal sealed record Used(string Reference, string DisplayName, string Digest);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildMemory))]
internal sealed partial class BuildMemoryJson : JsonSerializerContext;
