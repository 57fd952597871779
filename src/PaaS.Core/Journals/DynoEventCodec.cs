using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PaaS.Core;

/// <summary>Turns what happened to an app's dynos into journal events and back.</summary>
public static class DynoEventCodec
{
    /// <summary>Makes a journal event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="origin">On whose behalf, and when.</param>
    /// <param name="commandId">What it came from.</param>
    public static JournalEvent Encode(DynoEvent e, EventOrigin origin, Guid commandId)
    {
        ArgumentNullException.ThrowIfNull(e);
        var json = EventDataJson.Default;
        return e switch
        {
            DynoEvent.JobStarted x => Make(EventTypes.JobStarted, new EventData.JobStarted(x.Job, x.Due), json.JobStarted),
            DynoEvent.Started x => Make(EventTypes.DynoStarted, Describe(x.Dyno, x.Running), json.DynoStarted),
            DynoEvent.Ended x => Make(EventTypes.DynoEnded, new EventData.DynoEnded(x.Dyno, x.At), json.DynoEnded),
            DynoEvent.Summarized x => Make(EventTypes.DynosSummarized, Describe(x.Record), json.DynosSummarized),
            _ => throw new ArgumentOutOfRangeException(nameof(e), e, "Not an event of an app's dynos."),
        };

        JournalEvent Make<T>(string type, T data, JsonTypeInfo<T> info) =>
            new(type, 1, origin.By, commandId, origin.Time, JsonSerializer.SerializeToUtf8Bytes(data, info));
    }

    /// <summary>Reads a journal event of an app's stream of dynos.</summary>
    /// <param name="recorded">The event.</param>
    /// <exception cref="JournalFormatException">The type or its version is unknown, or the data is damaged.</exception>
    public static DynoEvent Decode(RecordedEvent recorded)
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
                EventTypes.JobStarted => Read(json.JobStarted) is var x ? new DynoEvent.JobStarted(x.Job, x.Due) : null!,
                EventTypes.DynoStarted => Read(json.DynoStarted) is var x ? new DynoEvent.Started(x.Dyno, Rebuild(x)) : null!,
                EventTypes.DynoEnded => Read(json.DynoEnded) is var x ? new DynoEvent.Ended(x.Dyno, x.At) : null!,
                EventTypes.DynosSummarized => new DynoEvent.Summarized(Rebuild(Read(json.DynosSummarized))),
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

    private static EventData.DynoStarted Describe(Guid dyno, RunningDyno running) => new(dyno, running.Type.ToString(), running.Size.ToString(), running.Since);

    private static RunningDyno Rebuild(EventData.DynoStarted data) => new(ProcessType.Parse(data.Type, null), DynoSize.Parse(data.Size, null), data.Since);

    private static EventData.DynosSummarized Describe(DynoRecord record) => new(
        record.Jobs.ToDictionary(),
        [.. record.Usage.Running.Select(pair => Describe(pair.Key, pair.Value))],
        [.. record.Usage.Ended.Select(pair => new EventData.DynoTime(pair.Key.Month, pair.Key.Type.ToString(), pair.Key.Size.ToString(), pair.Value.Ticks))]);

    private static DynoRecord Rebuild(EventData.DynosSummarized data) => new()
    {
        Jobs = data.Jobs.ToImmutableDictionary(),
        Usage = new DynoUsage
        {
            Running = (data.Running ?? []).ToImmutableDictionary(static x => x.Dyno, Rebuild),
            Ended = (data.Used ?? []).ToImmutableSortedDictionary(
                static x => new DynoUsageKey(x.Month, ProcessType.Parse(x.Type, null), DynoSize.Parse(x.Size, null)),
                static x => TimeSpan.FromTicks(x.Ticks)),
        },
    };
}
