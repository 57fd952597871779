using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>The only appender to an app's stream of dynos.</summary>
internal sealed class DynoStream : CompactedStream<DynoEvent, DynoRecord>
{
    /// <summary>How long an occurrence of a job is remembered: the clock may be set back by so much, and none runs twice.</summary>
    private static readonly TimeSpan JobMemory = TimeSpan.FromDays(35);

    private DynoStream(AppId app, IJournal journal, TimeProvider time, ILogger logger)
        : base(StreamName.OfDynos(app), DynoRecord.Empty, journal, time, logger)
    {
    }

    /// <summary>Reads the stream.</summary>
    /// <exception cref="JournalFormatException">It holds what this version does not know.</exception>
    public static async Task<DynoStream> OpenAsync(AppId app, IJournal journal, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var stream = new DynoStream(app, journal, time, logger);
        await stream.BeginAsync(cancellationToken);
        return stream;
    }

    protected override JournalEvent Encode(DynoEvent e, EventOrigin origin, Guid commandId) => DynoEventCodec.Encode(e, origin, commandId);

    protected override DynoEvent Decode(RecordedEvent recorded) => DynoEventCodec.Decode(recorded);

    protected override DynoRecord Fold(DynoRecord record, DynoEvent e) => record.Apply(e);

    protected override bool IsSummary(DynoEvent e) => e is DynoEvent.Summarized;

    protected override DynoEvent Summarize(DynoRecord record)
    {
        var now = Time.GetUtcNow();
        return new DynoEvent.Summarized(record with
        {
            Usage = record.Usage.Trim(now),
            Jobs = record.Jobs.RemoveRange(record.Jobs.Where(job => job.Value < now - JobMemory).Select(job => job.Key)),
        });
    }
}
