using System.Text.Json;

namespace PaaS.Buildpacks.Tests;

/// <summary>A tree, and what the official buildpacks' own scripts said of it: a line of <c>detect-cases.jsonl</c>.</summary>
internal sealed class DetectCase(JsonElement line)
{
    private static readonly Lazy<IReadOnlyList<DetectCase>> Lines = new(() =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Detection", "detect-cases.jsonl")).Select(static text => new DetectCase(JsonDocument.Parse(text).RootElement))]);

    public static IReadOnlyList<DetectCase> All => Lines.Value;

    public string Id { get; } = line.GetProperty("id").GetString()!;

    /// <summary><c>detect</c>: a tree as it is pushed. <c>release</c>: as it stands after a compile.</summary>
    public string Kind { get; } = line.GetProperty("kind").GetString()!;

    public string? Buildpack { get; } = line.GetProperty("expect").GetProperty("buildpack").GetString();

    public string? DisplayName { get; } = line.GetProperty("expect").GetProperty("display_name").GetString();

    public IReadOnlyList<string> AlsoDetected { get; } = Strings(line.GetProperty("expect").GetProperty("also_detected"));

    /// <summary>Null if <c>bin/release</c> was not run.</summary>
    public IReadOnlyDictionary<string, string>? DefaultProcessTypes { get; } =
        line.GetProperty("expect").TryGetProperty("default_process_types", out var types) ? types.EnumerateObject().ToDictionary(static t => t.Name, static t => t.Value.GetString()!) : null;

    public IReadOnlyList<string>? AddOns { get; } = line.GetProperty("expect").TryGetProperty("addons", out var addOns) ? Strings(addOns) : null;

    /// <summary>Makes the tree in a directory, with its modes, its directories and its links.</summary>
    public void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in Of("files"))
        {
            Tree.Write(directory, (file.Name, file.Value.GetString()!));
        }

        foreach (var made in line.TryGetProperty("dirs", out var directories) ? Strings(directories) : [])
        {
            Directory.CreateDirectory(Path.Combine(directory, made));
        }

        foreach (var mode in Of("modes"))
        {
            File.SetUnixFileMode(Path.Combine(directory, mode.Name), (UnixFileMode)Convert.ToInt32(mode.Value.GetString(), 8));
        }

        foreach (var link in Of("symlinks"))
        {
            File.CreateSymbolicLink(Path.Combine(directory, link.Name), link.Value.GetString()!);
        }
    }

    private static List<string> Strings(JsonElement array) => [.. array.EnumerateArray().Select(static item => item.GetString()!)];

    private JsonElement.ObjectEnumerator Of(string name) => line.TryGetProperty(name, out var map) ? map.EnumerateObject() : default;
}
