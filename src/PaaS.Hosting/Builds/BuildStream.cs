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

    /// <summary>Leaves one event that says nothing of the stream of an app that is gone. Nothing happens if that is done already, or there is no stream.</summary>
    public static async Task ForgetAsync(AppId app, IJournal journal, TimeProvider time)
    {
        var (name, origin) = (StreamName.OfBuilds(app), new EventOrigin(BuiltInAccount.Operator, time.GetUtcNow()));
        var nothing = BuildEventCodec.Encode(new BuildEvent.Summarized(BuildHistory.Empty), origin, Guid.NewGuid());
        RecordedEvent? newest = null;
        var count = 0;
        await foreach (var recorded in journal.ReadAsync(name))
        {
            (newest, count) = (recorded, count + 1);
        }

        if (newest is null)
        {
            return;
        }

        var version = newest.Version;
        if (newest.Event.Type != nothing.Type || !newest.Event.Data.Span.SequenceEqual(nothing.Data.Span))
        {
            var result = await journal.AppendAsync(name, version, [nothing]);
            if (!result.Succeeded)
            {
                throw new IOException($"The stream {name} has moved on from version {version}: another host writes to the same journal.");
            }

            (version, count) = (result.Version, count + 1);
        }

        if (count > 1)
        {
            await journal.CompactAsync(name, version);
        }
    }

    protected override JournalEvent Encode(BuildEvent e, EventOrigin origin, Guid commandId) => BuildEventCodec.Encode(e, origin, commandId);

    protected override BuildEvent Decode(RecordedEvent recorded) => BuildEventCodec.Decode(_app, recorded);

    protected override BuildHistory Fold(BuildHistory record, BuildEvent e) => record.Apply(e);

    protected override bool IsSummary(BuildEvent e) => e is BuildEvent.Summarized;

    protected override BuildEvent Summarize(BuildHistory record) => new BuildEvent.Summarized(record);
}
