using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaaS.Core;

/// <summary>The events' data as it stands in the journal. Members may be added with a default; none is ever renamed or reused.</summary>
internal static class EventData
{
    internal sealed record AppCreated(Guid Id, string Name, int UserId);

    internal sealed record AppRenamed(string Name);

    internal sealed record AppDestroyed;

    internal sealed record SlugData(string Id, long Size, SortedDictionary<string, string> ProcessTypes, string? Commit, string Buildpack, string Stack, ManifestData? Manifest = null, string? AppDirectory = null);

    /// <summary>Times are in milliseconds.</summary>
    internal sealed record HealthCheckData(string Path, int Attempts, long Timeout, long Wait, string? Content = null);

    internal sealed record CronData(string Schedule, string Command, string? Size = null);

    internal sealed record ManifestData(List<CronData> Cron, SortedDictionary<string, HealthCheckData> HealthChecks);

    /// <summary><c>Cause</c> is <c>initial</c>, <c>deploy</c>, <c>config</c> or <c>rollback</c>; <c>Patch</c> is sealed.</summary>
    internal sealed record ReleaseCreated(Guid Id, int Version, string Cause, string Description, SlugData? Slug, string? Ref, byte[]? Patch, int? Target);

    internal sealed record ReleaseSucceeded(int Version);

    internal sealed record ReleaseFailed(int Version, string Reason);

    internal sealed record FormationEntryData(string Type, int Quantity, string Size);

    internal sealed record FormationChanged(List<FormationEntryData> Entries);

    internal sealed record JobSet(Guid Id, string Schedule, string Command, string? Size = null);

    internal sealed record JobRemoved(Guid Id);

    internal sealed record BuildChanged(List<string>? Buildpacks = null, bool Detected = false, string? Root = null, string? AppDirectory = null, List<string>? Secrets = null, List<string>? NotSecrets = null);

    internal sealed record MaintenanceChanged(bool On);

    /// <summary>Times are in milliseconds.</summary>
    internal sealed record RoutingChanged(
        long? ConnectTimeout = null,
        long? FirstByteTimeout = null,
        long? IdleTimeout = null,
        long? BootWait = null,
        int? MaxInFlightPerDyno = null,
        bool? KeepsConnections = null,
        bool EndToEndContinue = false,
        long? Hold = null);

    internal sealed record SlugsGivenUp(List<string> Slugs);

    internal sealed record BuildData(
        Guid Id,
        Guid Account,
        string Email,
        string? Version,
        string Status,
        SlugData? Slug,
        int? Release,
        string? Failure,
        List<string>? Buildpacks,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt);

    internal sealed record BuildsSummarized(List<BuildData> Builds);

    internal sealed record JobStarted(Guid Job, DateTimeOffset Due);

    internal sealed record DynoStarted(Guid Dyno, string Type, string Size, DateTimeOffset Since);

    internal sealed record DynoEnded(Guid Dyno, DateTimeOffset At);

    /// <summary><c>Ticks</c> are of 100 ns.</summary>
    internal sealed record DynoTime(DateOnly Month, string Type, string Size, long Ticks);

    internal sealed record DynosSummarized(Dictionary<Guid, DateTimeOffset> Jobs, List<DynoStarted>? Running = null, List<DynoTime>? Used = null);

    internal sealed record NameReserved(string Name, Guid App, int UserId);

    internal sealed record NameReleased(string Name, Guid App);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EventData.AppCreated))]
[JsonSerializable(typeof(EventData.AppRenamed))]
[JsonSerializable(typeof(EventData.AppDestroyed))]
[JsonSerializable(typeof(EventData.ReleaseCreated))]
[JsonSerializable(typeof(EventData.ReleaseSucceeded))]
[JsonSerializable(typeof(EventData.ReleaseFailed))]
[JsonSerializable(typeof(EventData.FormationChanged))]
[JsonSerializable(typeof(EventData.JobSet))]
[JsonSerializable(typeof(EventData.JobRemoved))]
[JsonSerializable(typeof(EventData.BuildChanged))]
[JsonSerializable(typeof(EventData.MaintenanceChanged))]
[JsonSerializable(typeof(EventData.RoutingChanged))]
[JsonSerializable(typeof(EventData.SlugsGivenUp))]
[JsonSerializable(typeof(EventData.BuildData))]
[JsonSerializable(typeof(EventData.BuildsSummarized))]
[JsonSerializable(typeof(EventData.JobStarted))]
[JsonSerializable(typeof(EventData.DynoStarted))]
[JsonSerializable(typeof(EventData.DynoEnded))]
[JsonSerializable(typeof(EventData.DynosSummarized))]
[JsonSerializable(typeof(EventData.NameReserved))]
[JsonSerializable(typeof(EventData.NameReleased))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
internal sealed partial class EventDataJson : JsonSerializerContext;
