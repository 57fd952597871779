namespace PaaS.Core.Tests;

public class DynoEventCodecTests
{
    private static readonly DateTimeOffset s_due = new(2026, 11, 21, 13, 10, 0, TimeSpan.Zero);
    private static readonly EventOrigin s_origin = new(Ledger.Someone, s_due.AddMilliseconds(12));

    [Fact]
    public void Every_event_survives_the_journal()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var record = DynoRecord.Empty.Apply(new DynoEvent.JobStarted(first, s_due)).Apply(new DynoEvent.JobStarted(second, s_due.AddHours(1)));

        var running = new RunningDyno(ProcessType.Web, DynoSize.Eco, s_due.AddTicks(7));
        record = record.Apply(new DynoEvent.Started(first, running)).Apply(new DynoEvent.Started(second, running)).Apply(new DynoEvent.Ended(second, s_due.AddDays(40)));

        Assert.Equal(new DynoEvent.Started(first, running), Survive(new DynoEvent.Started(first, running)));
        Assert.Equal(new DynoEvent.Ended(first, s_due), Survive(new DynoEvent.Ended(first, s_due)));
        Assert.Equal(new DynoEvent.JobStarted(first, s_due), Survive(new DynoEvent.JobStarted(first, s_due)));
        var summarized = (DynoEvent.Summarized)Survive(new DynoEvent.Summarized(record));

        Assert.Equal(record.Usage.Running, summarized.Record.Usage.Running);
        Assert.Equal(record.Usage.Ended, summarized.Record.Usage.Ended);
        Assert.Equal(record.Jobs.OrderBy(job => job.Key), DynoRecord.Empty.Apply(summarized).Jobs.OrderBy(job => job.Key));
    }

    [Fact]
    public void A_summary_takes_the_place_of_what_stands_before_it()
    {
        var (old, kept) = (Guid.NewGuid(), Guid.NewGuid());
        var before = DynoRecord.Empty.Apply(new DynoEvent.JobStarted(old, s_due));

        var after = before.Apply(new DynoEvent.Summarized(DynoRecord.Empty.Apply(new DynoEvent.JobStarted(kept, s_due))));

        Assert.Equal([kept], after.Jobs.Keys);
    }

    [Fact]
    public void The_newest_occurrence_of_a_job_counts_whatever_the_order()
    {
        var job = Guid.NewGuid();

        var record = DynoRecord.Empty.Apply(new DynoEvent.JobStarted(job, s_due)).Apply(new DynoEvent.JobStarted(job, s_due.AddHours(-1)));

        Assert.Equal(s_due, record.Jobs[job]);
    }

    [Theory]
    [InlineData("dynos.promoted", 1)]
    [InlineData(EventTypes.JobStarted, 2)]
    [InlineData(EventTypes.AppRenamed, 1)]
    public void An_event_of_the_future_is_refused_by_name(string type, int schemaVersion)
    {
        var future = new JournalEvent(type, schemaVersion, Ledger.Someone, Guid.NewGuid(), s_due, "{}"u8.ToArray());

        var exception = Assert.Throws<JournalFormatException>(() => DynoEventCodec.Decode(new RecordedEvent(StreamName.OfDynos(AppId.New()), 7, 9, future)));

        Assert.Contains(type, exception.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_data_is_refused_with_its_place()
    {
        var damaged = new JournalEvent(EventTypes.JobStarted, 1, Ledger.Someone, Guid.NewGuid(), s_due, "{\"job\":7}"u8.ToArray());

        Assert.Contains("Event 7 of dynos/", Assert.Throws<JournalFormatException>(() => DynoEventCodec.Decode(new RecordedEvent(StreamName.OfDynos(AppId.New()), 7, 9, damaged))).Message, StringComparison.Ordinal);
    }

    private static DynoEvent Survive(DynoEvent e) =>
        DynoEventCodec.Decode(new RecordedEvent(StreamName.OfDynos(AppId.New()), 1, 1, DynoEventCodec.Encode(e, s_origin, Guid.NewGuid())));
}
