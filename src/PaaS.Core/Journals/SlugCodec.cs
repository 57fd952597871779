using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>A slug's description as it stands in the journal, and back.</summary>
internal static class SlugCodec
{
    public static EventData.SlugData Describe(Slug slug) => new(
        slug.Id.ToString(),
        slug.Size,
        new SortedDictionary<string, string>(slug.ProcessTypes.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value), StringComparer.Ordinal),
        slug.Commit,
        slug.BuildpackDescription,
        slug.Stack,
        slug.Manifest is { } manifest ? ManifestCodec.Describe(manifest) : null,
        slug.AppDirectory?.ToString());

    public static Slug Rebuild(EventData.SlugData data) => new(
        SlugId.Parse(data.Id),
        data.Size,
        data.ProcessTypes.ToImmutableSortedDictionary(pair => ProcessType.Parse(pair.Key, null), pair => pair.Value),
        data.Commit,
        data.Buildpack,
        data.Stack,
        data.Manifest is { } manifest ? ManifestCodec.Rebuild(manifest) : null,
        data.AppDirectory is { } directory ? SourcePath.Parse(directory) : null);
}
