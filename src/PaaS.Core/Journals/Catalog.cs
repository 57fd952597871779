using System.Collections.Immutable;
using System.Text.Json;

namespace PaaS.Core;

/// <summary>
/// Who holds which name, as a fold of the <c>catalog</c> stream. A name is reserved here before the app's own stream says
/// so; a reservation that no app's stream answers is what a crash in between left, and is given back at start.
/// </summary>
public sealed record Catalog
{
    /// <summary>
    /// The lowest user id that an app gets unless the host says otherwise: in the range that neither distributions nor
    /// their subordinate ids, containers and dynamic users are given.
    /// </summary>
    public const int FirstUserId = 1_900_000_000;

    /// <summary>No names.</summary>
    public static Catalog Empty { get; } = new();

    /// <summary>The names that are held, and by which app.</summary>
    public ImmutableDictionary<AppName, AppId> Names { get; init; } = ImmutableDictionary<AppName, AppId>.Empty;

    /// <summary>The user id that the next app gets. An id is never given out twice.</summary>
    public int NextUserId { get; init; } = FirstUserId;

    /// <summary>Folds one event.</summary>
    /// <param name="recorded">An event of the catalog stream.</param>
    /// <exception cref="JournalFormatException">The type or its version is unknown.</exception>
    public Catalog Apply(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        try
        {
            switch (recorded.Event)
            {
                case { Type: EventTypes.NameReserved, SchemaVersion: 1 }:
                    var reserved = JsonSerializer.Deserialize(recorded.Event.Data.Span, EventDataJson.Default.NameReserved)!;
                    return this with
                    {
                        Names = Names.SetItem(AppName.Parse(reserved.Name, null), new AppId(reserved.App)),
                        NextUserId = Math.Max(NextUserId, reserved.UserId + 1),
                    };
                case { Type: EventTypes.NameReleased, SchemaVersion: 1 }:
                    var released = JsonSerializer.Deserialize(recorded.Event.Data.Span, EventDataJson.Default.NameReleased)!;
                    return this with { Names = Names.Remove(AppName.Parse(released.Name, null)) };
                default:
                    throw AppEventCodec.Unknown(recorded);
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new JournalFormatException($"Event {recorded.Version} of {recorded.Stream} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The event that reserves a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="app">The app that is to have it.</param>
    /// <param name="userId">The app's user id.</param>
    /// <param name="origin">Who, and when.</param>
    /// <param name="commandId">The command it came from.</param>
    public static JournalEvent Reserve(AppName name, AppId app, int userId, EventOrigin origin, Guid commandId) =>
        new(EventTypes.NameReserved, 1, origin.By, commandId, origin.Time, JsonSerializer.SerializeToUtf8Bytes(new EventData.NameReserved(name.ToString(), app.Value, userId), EventDataJson.Default.NameReserved));

    /// <summary>The event that gives a name back.</summary>
    /// <param name="name">The name.</param>
    /// <param name="app">The app that had it.</param>
    /// <param name="origin">Who, and when.</param>
    /// <param name="commandId">The command it came from.</param>
    public static JournalEvent Release(AppName name, AppId app, EventOrigin origin, Guid commandId) =>
        new(EventTypes.NameReleased, 1, origin.By, commandId, origin.Time, JsonSerializer.SerializeToUtf8Bytes(new EventData.NameReleased(name.ToString(), app.Value), EventDataJson.Default.NameReleased));
}
