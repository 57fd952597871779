namespace PaaS.Core.Tests;

public class BuildEventCodecTests
{
    private static readonly AppId s_app = AppId.New();
    private static readonly DateTimeOffset s_time = new(2026, 11, 21, 13, 10, 0, TimeSpan.Zero);
    private static readonly EventOrigin s_origin = new(Ledger.Someone, s_time);

    [Fact]
    public void Every_build_survives_the_journal_in_every_status()
    {
        foreach (var status in Enum.GetValues<BuildStatus>())
        {
            var build = BuildOf(status) with { Slug = Ledger.SlugOf("code", "web"), Release = new ReleaseVersion(7), Failure = "It \"broke\"", Buildpacks = [BuildpackReference.Parse("heroku/nodejs")] };

            var read = ((BuildEvent.Recorded)Survive(new BuildEvent.Recorded(build))).Build;

            Assert.Equal(build with { Slug = null, Buildpacks = [] }, read with { Slug = null, Buildpacks = [] });
            Assert.Equal((build.Slug.Id, build.Slug.Size), (read.Slug!.Id, read.Slug.Size));
            Assert.Equal(build.Buildpacks, read.Buildpacks);
        }
    }

    [Fact]
    public void A_summary_says_all_that_counts()
    {
        var history = Enumerable.Range(0, 5).Aggregate(BuildHistory.Empty, (all, i) => all.Apply(new BuildEvent.Recorded(BuildOf(BuildStatus.Failed) with { Version = $"{i}" })));

        var read = BuildHistory.Empty.Apply(Survive(new BuildEvent.Summarized(history)));

        Assert.Equal(history.Builds, read.Builds);
    }

    [Fact]
    public void A_newer_state_of_a_build_takes_the_place_of_the_older()
    {
        var (one, other) = (BuildOf(BuildStatus.Queued), BuildOf(BuildStatus.Queued));

        var history = new[] { one, other, one with { Status = BuildStatus.Running } }.Aggregate(BuildHistory.Empty, (all, build) => all.Apply(new BuildEvent.Recorded(build)));

        Assert.Equal([(one.Id, BuildStatus.Running), (other.Id, BuildStatus.Queued)], history.Builds.Select(build => (build.Id, build.Status)));
    }

    [Fact]
    public void Of_too_many_the_oldest_that_has_ended_goes()
    {
        var running = BuildOf(BuildStatus.Running);
        var history = BuildHistory.Empty.Apply(new BuildEvent.Recorded(running));
        var ended = Enumerable.Range(0, BuildHistory.Kept + 5).Select(_ => BuildOf(BuildStatus.Succeeded)).ToList();

        history = ended.Aggregate(history, (all, build) => all.Apply(new BuildEvent.Recorded(build)));

        Assert.Equal([running.Id, .. ended.TakeLast(BuildHistory.Kept - 1).Select(build => build.Id)], history.Builds.Select(build => build.Id));
    }

    [Theory]
    [InlineData("build.promoted", 1)]
    [InlineData(EventTypes.BuildRecorded, 2)]
    public void An_event_of_the_future_is_refused_by_name(string type, int schemaVersion)
    {
        var future = new JournalEvent(type, schemaVersion, Ledger.Someone, Guid.NewGuid(), s_time, "{}"u8.ToArray());

        var exception = Assert.Throws<JournalFormatException>(() => BuildEventCodec.Decode(s_app, new RecordedEvent(StreamName.OfBuilds(s_app), 7, 9, future)));

        Assert.Contains(type, exception.Message, StringComparison.Ordinal);
    }

    private static Build BuildOf(BuildStatus status) => new(Guid.NewGuid(), s_app, Ledger.Someone, "1a2b3c", status, null, null, null, s_time, s_time.AddSeconds(3));

    private static BuildEvent Survive(BuildEvent e) =>
        BuildEventCodec.Decode(s_app, new RecordedEvent(StreamName.OfBuilds(s_app), 1, 1, BuildEventCodec.Encode(e, s_origin, Guid.NewGuid())));
}
