using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PaaS.Core;

/// <summary>Turns what happened to an app's builds into journal events and back.</summary>
public static class BuildEventCodec
{
    private static readonly (BuildStatus Status, string Name)[] Names =
    [
        (BuildStatus.Queued, "queued"),
        (BuildStatus.Running, "running"),
        (BuildStatus.Succeeded, "succeeded"),
        (BuildStatus.Failed, "failed"),
        (BuildStatus.Cancelled, "cancelled"),
        (BuildStatus.Superseded, "superseded"),
        (BuildStatus.Abandoned, "abandoned"),
    ];

    /// <summary>A status in the word that stands in journals and in the API: <c>queued</c>.</summary>
    /// <param name="status">The status.</param>
    public static string NameOf(BuildStatus status) => Array.Find(Names, pair => pair.Status == status).Name ?? throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status of a build.");

    /// <summary>Makes a journal event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="origin">On whose behalf, and when.</param>
    /// <param name="commandId">What it came from.</param>
    public static JournalEvent Encode(BuildEvent e, EventOrigin origin, Guid commandId)
    {
        ArgumentNullException.ThrowIfNull(e);
        var json = EventDataJson.Default;
        return e switch
        {
            BuildEvent.Recorded x => Make(EventTypes.BuildRecorded, Describe(x.Build), json.BuildData),
            BuildEvent.Summarized x => Make(EventTypes.BuildsSummarized, new EventData.BuildsSummarized([.. x.History.Builds.Select(Describe)]), json.BuildsSummarized),
            _ => throw new ArgumentOutOfRangeException(nameof(e), e, "Not an event of an app's builds."),
        };

        JournalEvent Make<T>(string type, T data, JsonTypeInfo<T> info) =>
            new(type, 1, origin.By, commandId, origin.Time, JsonSerializer.SerializeToUtf8Bytes(data, info));
    }

    /// <summary>Reads a journal event of an app's stream of builds.</summary>
    /// <param name="app">The app.</param>
    /// <param name="recorded">The event.</param>
    /// <exception cref="JournalFormatException">The type or its version is unknown, or the data is damaged.</exception>
    public static BuildEvent Decode(AppId app, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var e = recorded.Event;
        if (e.SchemaVersion != 1)
        {
            throw AppEventCodec.Unknown(recorded);
        }

        var json = EventDataJson.Default;
        try
        {
            return e.Type switch
            {
                EventTypes.BuildRecorded => new BuildEvent.Recorded(Rebuild(app, Read(json.BuildData))),
                EventTypes.BuildsSummarized => new BuildEvent.Summarized(new BuildHistory { Builds = [.. Read(json.BuildsSummarized).Builds.Select(data => Rebuild(app, data))] }),
                _ => throw AppEventCodec.Unknown(recorded),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new JournalFormatException($"Event {recorded.Version} of {recorded.Stream} ({e.Type}) cannot be read: {exception.Message}", exception);
        }

        T Read<T>(JsonTypeInfo<T> info) =>
            JsonSerializer.Deserialize(e.Data.Span, info) ?? throw new JsonException("The data is empty.");
    }

    private static EventData.BuildData Describe(Build build) => new(
        build.Id,
        build.By.Account.Value,
        build.By.Email,
        build.Version,
        NameOf(build.Status),
        build.Slug is { } slug ? SlugCodec.Describe(slug) : null,
        build.Release?.Number,
        build.Failure,
        build.Buildpacks.IsEmpty ? null : [.. build.Buildpacks.Select(reference => reference.Text)],
        build.CreatedAt,
        build.UpdatedAt);

    private static Build Rebuild(AppId app, EventData.BuildData data) => new(
        data.Id,
        app,
        new Actor(new AccountId(data.Account), data.Email),
        data.Version,
        Array.Find(Names, pair => pair.Name == data.Status) is { Name: not null } found ? found.Status : throw new JsonException($"A build's status cannot be '{data.Status}'."),
        data.Slug is { } slug ? SlugCodec.Rebuild(slug) : null,
        data.Release is { } release ? new ReleaseVersion(release) : null,
        data.Failure,
        data.CreatedAt,
        data.UpdatedAt)
    {
        Buildpacks = [.. (data.Buildpacks ?? []).Select(text => BuildpackReference.Parse(text))],
    };
}
