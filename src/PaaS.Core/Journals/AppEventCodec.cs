using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PaaS.Core;

/// <summary>Turns decisions about apps into journal events and back. Config values are sealed on the way in.</summary>
/// <param name="secrets">Seals config values.</param>
public sealed class AppEventCodec(ISecretBox secrets)
{
    /// <summary>Whether an event that was decoded held values whose key is no longer there: right for a destroyed app, a loss for any other.</summary>
    public bool HasLostValues { get; private set; }

    /// <summary>Makes a journal event.</summary>
    /// <param name="app">The app whose key seals config values.</param>
    /// <param name="e">The decision.</param>
    /// <param name="origin">Who, and when.</param>
    /// <param name="commandId">The command it came from.</param>
    public JournalEvent Encode(AppId app, AppEvent e, EventOrigin origin, Guid commandId)
    {
        ArgumentNullException.ThrowIfNull(e);
        var json = EventDataJson.Default;
        return e switch
        {
            AppEvent.Created x => Make(EventTypes.AppCreated, new EventData.AppCreated(x.Id.Value, x.Name.ToString(), x.UserId), json.AppCreated),
            AppEvent.Renamed x => Make(EventTypes.AppRenamed, new EventData.AppRenamed(x.Name.ToString()), json.AppRenamed),
            AppEvent.Destroyed => Make(EventTypes.AppDestroyed, new EventData.AppDestroyed(), json.AppDestroyed),
            AppEvent.ReleaseCreated x => Make(EventTypes.ReleaseCreated, Describe(app, x), json.ReleaseCreated),
            AppEvent.ReleaseSucceeded x => Make(EventTypes.ReleaseSucceeded, new EventData.ReleaseSucceeded(x.Version.Number), json.ReleaseSucceeded),
            AppEvent.ReleaseFailed x => Make(EventTypes.ReleaseFailed, new EventData.ReleaseFailed(x.Version.Number, x.Reason), json.ReleaseFailed),
            AppEvent.FormationChanged x => Make(EventTypes.FormationChanged, new EventData.FormationChanged([.. x.Entries.Select(Describe)]), json.FormationChanged),
            AppEvent.JobSet x => Make(EventTypes.JobSet, new EventData.JobSet(x.Job.Id, x.Job.Schedule.ToString(), x.Job.Command, x.Job.Size?.ToString()), json.JobSet),
            AppEvent.JobRemoved x => Make(EventTypes.JobRemoved, new EventData.JobRemoved(x.Id), json.JobRemoved),
            AppEvent.BuildChanged x => Make(EventTypes.BuildChanged, BuildSettingsCodec.Describe(x.Settings), json.BuildChanged),
            AppEvent.MaintenanceChanged x => Make(EventTypes.MaintenanceChanged, new EventData.MaintenanceChanged(x.IsOn), json.MaintenanceChanged),
            AppEvent.RoutingChanged x => Make(EventTypes.RoutingChanged, RouteSettingsCodec.Describe(x.Settings), json.RoutingChanged),
            AppEvent.SlugsGivenUp x => Make(EventTypes.SlugsGivenUp, new EventData.SlugsGivenUp([.. x.Slugs.Select(slug => slug.ToString())]), json.SlugsGivenUp),
            _ => throw new ArgumentOutOfRangeException(nameof(e), e, "Not an event of an app."),
        };

        JournalEvent Make<T>(string type, T data, JsonTypeInfo<T> info) =>
            new(type, 1, origin.By, commandId, origin.Time, JsonSerializer.SerializeToUtf8Bytes(data, info));
    }

    /// <summary>Reads a journal event of an app's stream.</summary>
    /// <param name="app">The app.</param>
    /// <param name="recorded">The event.</param>
    /// <exception cref="JournalFormatException">The type or its version is unknown, or the data is damaged.</exception>
    public AppEvent Decode(AppId app, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var e = recorded.Event;
        if (e.SchemaVersion != 1)
        {
            throw Unknown(recorded);
        }

        var json = EventDataJson.Default;
        try
        {
            return e.Type switch
            {
                EventTypes.AppCreated => Read(json.AppCreated) is var x ? new AppEvent.Created(new AppId(x.Id), AppName.Parse(x.Name, null), x.UserId) : null!,
                EventTypes.AppRenamed => new AppEvent.Renamed(AppName.Parse(Read(json.AppRenamed).Name, null)),
                EventTypes.AppDestroyed => new AppEvent.Destroyed(),
                EventTypes.ReleaseCreated => Rebuild(app, Read(json.ReleaseCreated)),
                EventTypes.ReleaseSucceeded => new AppEvent.ReleaseSucceeded(new ReleaseVersion(Read(json.ReleaseSucceeded).Version)),
                EventTypes.ReleaseFailed => Read(json.ReleaseFailed) is var x ? new AppEvent.ReleaseFailed(new ReleaseVersion(x.Version), x.Reason) : null!,
                EventTypes.FormationChanged => new AppEvent.FormationChanged([.. Read(json.FormationChanged).Entries.Select(Rebuild)]),
                EventTypes.JobSet => Read(json.JobSet) is var x ? new AppEvent.JobSet(new ScheduledJob(x.Id, CronSchedule.Parse(x.Schedule), x.Command, SizeOf(x.Size))) : null!,
                EventTypes.JobRemoved => new AppEvent.JobRemoved(Read(json.JobRemoved).Id),
                EventTypes.BuildChanged => new AppEvent.BuildChanged(BuildSettingsCodec.Rebuild(Read(json.BuildChanged))),
                EventTypes.MaintenanceChanged => new AppEvent.MaintenanceChanged(Read(json.MaintenanceChanged).On),
                EventTypes.RoutingChanged => new AppEvent.RoutingChanged(RouteSettingsCodec.Rebuild(Read(json.RoutingChanged))),
                EventTypes.SlugsGivenUp => new AppEvent.SlugsGivenUp([.. Read(json.SlugsGivenUp).Slugs.Select(slug => SlugId.Parse(slug))]),
                _ => throw Unknown(recorded),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or System.Security.Cryptography.CryptographicException)
        {
            throw new JournalFormatException($"Event {recorded.Version} of {recorded.Stream} ({e.Type}) cannot be read: {exception.Message}", exception);
        }

        T Read<T>(JsonTypeInfo<T> info) =>
            JsonSerializer.Deserialize(e.Data.Span, info) ?? throw new JsonException("The data is empty.");
    }

    internal static JournalFormatException Unknown(RecordedEvent recorded) =>
        new($"Event {recorded.Version} of {recorded.Stream} is '{recorded.Event.Type}' version {recorded.Event.SchemaVersion}, which this version of the platform does not know. Start the newer version that wrote it.");

    private EventData.ReleaseCreated Describe(AppId app, AppEvent.ReleaseCreated x)
    {
        var data = new EventData.ReleaseCreated(x.ReleaseId, x.Version.Number, string.Empty, x.Description, null, null, null, null);
        return x.Cause switch
        {
            ReleaseCause.Initial => data with { Cause = "initial" },
            ReleaseCause.Deploy deploy => data with { Cause = "deploy", Slug = SlugCodec.Describe(deploy.Slug), Ref = deploy.Ref },
            ReleaseCause.ConfigChange change => data with { Cause = "config", Patch = secrets.Seal(app, JsonSerializer.SerializeToUtf8Bytes(change.Patch.ToDictionary(), EventDataJson.Default.DictionaryStringString)) },
            ReleaseCause.Rollback rollback => data with { Cause = "rollback", Target = rollback.Target.Number },
            _ => throw new ArgumentOutOfRangeException(nameof(x), x.Cause, "Not a cause of a release."),
        };
    }

    private AppEvent.ReleaseCreated Rebuild(AppId app, EventData.ReleaseCreated data) => new(data.Id, new ReleaseVersion(data.Version), data.Cause switch
    {
        "initial" => new ReleaseCause.Initial(),
        "deploy" => new ReleaseCause.Deploy(SlugCodec.Rebuild(data.Slug ?? throw new JsonException("A deploy without a slug.")), data.Ref),
        "config" => new ReleaseCause.ConfigChange(RebuildPatch(app, data.Patch ?? throw new JsonException("A config change without a patch."))),
        "rollback" => new ReleaseCause.Rollback(new ReleaseVersion(data.Target ?? throw new JsonException("A rollback without a target."))),
        _ => throw new JsonException($"A release's cause cannot be '{data.Cause}'."),
    }, data.Description);

    private ConfigPatch RebuildPatch(AppId app, byte[] sealedPatch)
    {
        // The key of a destroyed app is gone; what its config was can't be known, and isn't needed, any more.
        if (secrets.Open(app, sealedPatch) is not { } plain)
        {
            HasLostValues = true;
            return ConfigPatch.Empty;
        }

        var values = JsonSerializer.Deserialize(plain, EventDataJson.Default.DictionaryStringString) ?? throw new JsonException("An empty patch.");
        return ConfigPatch.TryCreate(values, out var patch, out var problem) ? patch : throw new JsonException(problem);
    }

    private static EventData.FormationEntryData Describe(FormationEntry entry) => new(entry.Type.ToString(), entry.Quantity, entry.Size.ToString());

    private static DynoSize? SizeOf(string? text) => text is null ? null : DynoSize.Parse(text, null);

    private static FormationEntry Rebuild(EventData.FormationEntryData data) => new(ProcessType.Parse(data.Type, null), data.Quantity, DynoSize.Parse(data.Size, null));
}
