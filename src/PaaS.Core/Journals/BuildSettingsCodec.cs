namespace PaaS.Core;

/// <summary>Build settings as they stand in the journal, and back. What is as by default is left out.</summary>
internal static class BuildSettingsCodec
{
    public static EventData.BuildChanged Describe(BuildSettings settings) => new(
        ListOf(settings.Buildpacks.Select(reference => reference.Text)),
        settings.IsDetected,
        settings.Root?.ToString(),
        settings.AppDirectory?.ToString(),
        ListOf(settings.Secrets),
        ListOf(settings.NotSecrets));

    public static BuildSettings Rebuild(EventData.BuildChanged data) => new()
    {
        Buildpacks = [.. (data.Buildpacks ?? []).Select(text => BuildpackReference.Parse(text))],
        IsDetected = data.Detected,
        Root = data.Root is { } root ? SourcePath.Parse(root) : null,
        AppDirectory = data.AppDirectory is { } directory ? SourcePath.Parse(directory) : null,
        Secrets = [.. data.Secrets ?? []],
        NotSecrets = [.. data.NotSecrets ?? []],
    };

    private static List<string>? ListOf(IEnumerable<string> texts) => texts.ToList() is { Count: > 0 } list ? list : null;
}
