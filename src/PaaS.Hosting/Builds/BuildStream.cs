using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>The only appender to an app's stream of builds.</summary>
internal sealed class BuildStream : CompactedStream<BuildEvent, BuildHistory>
{
    private readonly AppId _app;

    private BuildStream(AppId app, IJournal journal, TimeProvider time, ILogger logger)
        : base(StreamName.OfBuilds(app), BuildHistory.Empty, journal, time, logger) => _app = app;

    /// <summary>Reads the stream.</summary>
    /// <exception cref="JournalFormatException">It holds what this version does not know.</exception>
    public static async Task<BuildStream> OpenAsync(AppId app, IJournal journal, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var stream = new BuildStream(app, journal, time, logger);
        await stream.BeginAsync(cancellationToken);
        return stream;
    }

    protected override JournalEvent Encode(BuildEvent e, EventOrigin origin, Guid commandId) => BuildEventCodec.Encode(e, origin, commandId);

    protected override BuildEvent Decode(RecordedEvent recorded) => BuildEventCodec.Decode(_app, recorded);

    protected override BuildHistory Fold(BuildHistory record, BuildEvent e) => record.Apply(e);

    protected override bool IsSummary(BuildEvent e) => e is BuildEvent.Summarized;

    protected override BuildEvent Summarize(BuildHistory record) => new BuildEvent.Summarized(record);
}
