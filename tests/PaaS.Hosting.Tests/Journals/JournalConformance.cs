using System.Text;

namespace PaaS.Hosting.Tests;

/// <summary>What every journal promises. A journal passes by deriving from this.</summary>
public abstract class JournalConformance : IAsyncLifetime
{
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    protected static readonly StreamName First = StreamName.Parse("app/first");
    protected static readonly StreamName Second = StreamName.Parse("app/second");

    protected static readonly StreamName Dynos = StreamName.Parse("dynos/first");

    private static readonly Actor s_actor = new(new AccountId(Guid.Parse("11111111-2222-3333-4444-555555555555")), "someone@example.com");

    protected IJournal Journal { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Journal = await MakeAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    protected abstract ValueTask<IJournal> MakeAsync();

    internal static JournalEvent Event(string text) =>
        new("test.happened", 3, s_actor, Guid.Parse("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), new DateTimeOffset(2026, 11, 21, 9, 8, 7, TimeSpan.FromHours(2)).AddTicks(1234567), Encoding.UTF8.GetBytes(text));

    internal static string Text(RecordedEvent e) => Encoding.UTF8.GetString(e.Event.Data.Span);

    protected static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    [Fact]
    public async Task What_was_appended_is_read_back_whole()
    {
        var appended = Event("grüße \0 '; DROP TABLE events");

        var result = await Journal.AppendAsync(First, 0, [appended]);

        var read = Assert.Single(await ListAsync(Journal.ReadAsync(First)));
        Assert.Equal(new AppendResult(true, 1), result);
        Assert.Equal((First, 1L), (read.Stream, read.Version));
        Assert.Equal(appended with { Data = default }, read.Event with { Data = default });
        Assert.Equal(appended.Data.ToArray(), read.Event.Data.ToArray());
    }

    [Fact]
    public async Task Versions_count_from_one_without_gaps()
    {
        await Journal.AppendAsync(First, 0, [Event("a"), Event("b")]);
        await Journal.AppendAsync(Second, 0, [Event("x")]);
        await Journal.AppendAsync(First, 2, [Event("c")]);

        var read = await ListAsync(Journal.ReadAsync(First));

        Assert.Equal([1L, 2L, 3L], read.Select(e => e.Version));
        Assert.Equal(["a", "b", "c"], read.Select(Text));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    public async Task An_append_with_a_wrong_expected_version_changes_nothing_and_tells_the_right_one(long expected)
    {
        await Journal.AppendAsync(First, 0, [Event("a"), Event("b")]);

        var result = await Journal.AppendAsync(First, expected, [Event("c"), Event("d")]);

        Assert.Equal(new AppendResult(false, 2), result);
        Assert.Equal(["a", "b"], (await ListAsync(Journal.ReadAllAsync())).Select(Text));
        Assert.True((await Journal.AppendAsync(First, 2, [Event("c")])).Succeeded);
    }

    [Fact]
    public async Task A_refused_append_does_not_make_a_stream()
    {
        Assert.Equal(new AppendResult(false, 0), await Journal.AppendAsync(First, 1, [Event("a")]));

        Assert.Empty(await ListAsync(Journal.ListStreamsAsync()));
    }

    [Fact]
    public async Task Of_many_appends_at_once_that_expect_the_same_version_one_succeeds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () => await Journal.AppendAsync(First, 0, [Event($"{i}")]))));

        Assert.Single(results, r => r.Succeeded);
        Assert.All(results, r => Assert.Equal(1, r.Version));
        Assert.Single(await ListAsync(Journal.ReadAllAsync()));
    }

    [Fact]
    public async Task Appends_to_many_streams_at_once_all_land_in_order_of_their_stream()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(s => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.True((await Journal.AppendAsync(StreamName.Parse($"app/{s}"), i, [Event($"{i}")])).Succeeded);
            }
        })));

        var all = await ListAsync(Journal.ReadAllAsync());

        Assert.Equal(200, all.Count);
        Assert.All(all.GroupBy(e => e.Stream), stream => Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), stream.Select(Text)));
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.True(pair.First.Position < pair.Second.Position));
    }

    [Fact]
    public async Task All_streams_are_read_in_the_order_of_their_appends_from_a_position_on()
    {
        await Journal.AppendAsync(Second, 0, [Event("1")]);
        await Journal.AppendAsync(First, 0, [Event("2"), Event("3")]);
        await Journal.AppendAsync(Second, 1, [Event("4")]);

        var all = await ListAsync(Journal.ReadAllAsync());
        var rest = await ListAsync(Journal.ReadAllAsync(all[1].Position + 1));

        Assert.Equal(["1", "2", "3", "4"], all.Select(Text));
        Assert.Equal(["3", "4"], rest.Select(Text));
        Assert.Equal(all[2..].Select(e => e.Position), rest.Select(e => e.Position));
    }

    [Fact]
    public async Task Long_streams_are_read_whole_and_from_any_version_on()
    {
        await Journal.AppendAsync(First, 0, [.. Enumerable.Range(1, 1000).Select(i => Event($"{i}"))]);

        Assert.Equal(Enumerable.Range(1, 1000).Select(i => $"{i}"), (await ListAsync(Journal.ReadAsync(First))).Select(Text));
        Assert.Equal(Enumerable.Range(700, 301).Select(i => $"{i}"), (await ListAsync(Journal.ReadAsync(First, 700))).Select(Text));
        Assert.Empty(await ListAsync(Journal.ReadAsync(First, 1001)));
        Assert.Equal(1000, (await ListAsync(Journal.ReadAllAsync(0))).Count);
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_is_empty() => Assert.Empty(await ListAsync(Journal.ReadAsync(First)));

    [Fact]
    public async Task Streams_are_listed_by_prefix_in_ordinal_order()
    {
        foreach (var name in (string[])["catalog", "app/b", "account/z", "app/a", "app-b", "app/a-1"])
        {
            await Journal.AppendAsync(StreamName.Parse(name), 0, [Event("x"), Event("y")]);
        }

        Assert.Equal(["account/z", "app-b", "app/a", "app/a-1", "app/b", "catalog"], (await ListAsync(Journal.ListStreamsAsync())).Select(n => n.ToString()));
        Assert.Equal(["app/a", "app/a-1", "app/b"], (await ListAsync(Journal.ListStreamsAsync("app/"))).Select(n => n.ToString()));
        Assert.Equal(["app/a", "app/a-1"], (await ListAsync(Journal.ListStreamsAsync("app/a"))).Select(n => n.ToString()));
        Assert.Empty(await ListAsync(Journal.ListStreamsAsync("release/")));
    }

    [Fact]
    public async Task More_streams_than_a_page_holds_are_all_listed()
    {
        var names = Enumerable.Range(0, 600).Select(i => $"app/{i:d4}").ToList();
        await Task.WhenAll(names.Select(async name => await Journal.AppendAsync(StreamName.Parse(name), 0, [Event("x")])));

        Assert.Equal(names, (await ListAsync(Journal.ListStreamsAsync("app/"))).Select(n => n.ToString()));
    }

    [Fact]
    public async Task A_subscription_catches_up_and_follows_without_gap_or_repeat()
    {
        const int Total = 400;
        using var deadline = new CancellationTokenSource(Deadline);
        await Journal.AppendAsync(First, 0, [.. Enumerable.Range(0, 100).Select(i => Event($"{i}"))]);
        var writing = Task.Run(async () =>
        {
            for (var i = 100; i < Total; i++)
            {
                await Journal.AppendAsync(First, i, [Event($"{i}")]);
            }
        });

        var seen = new List<string>();
        await foreach (var e in Journal.SubscribeAsync(1, deadline.Token))
        {
            seen.Add(Text(e));
            if (seen.Count == Total)
            {
                break;
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Total).Select(i => $"{i}"), seen);
    }

    [Fact]
    public async Task A_subscription_begins_at_its_position()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await Journal.AppendAsync(First, 0, [Event("a"), Event("b"), Event("c")]);
        var second = (await ListAsync(Journal.ReadAllAsync()))[1].Position;

        await using var subscription = Journal.SubscribeAsync(second, deadline.Token).GetAsyncEnumerator();

        Assert.True(await subscription.MoveNextAsync());
        Assert.Equal("b", Text(subscription.Current));
    }

    [Fact]
    public async Task Cancelling_ends_a_subscription()
    {
        using var cancellation = new CancellationTokenSource();
        await using var subscription = Journal.SubscribeAsync(1, cancellation.Token).GetAsyncEnumerator();
        var next = subscription.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_append_that_is_cancelled_beforehand_changes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Journal.AppendAsync(First, 0, [Event("a")], new CancellationToken(canceled: true)));

        Assert.Empty(await ListAsync(Journal.ReadAllAsync()));
    }

    [Fact]
    public async Task A_compacted_stream_keeps_its_newest_events_under_their_versions_and_goes_on_from_there()
    {
        await Journal.AppendAsync(Dynos, 0, [Event("1"), Event("2")]);
        await Journal.AppendAsync(First, 0, [Event("x")]);
        await Journal.AppendAsync(Dynos, 2, [Event("3"), Event("4")]);
        var before = await ListAsync(Journal.ReadAllAsync());

        await Journal.CompactAsync(Dynos, 3);

        Assert.Equal([(3L, "3"), (4L, "4")], (await ListAsync(Journal.ReadAsync(Dynos))).Select(e => (e.Version, Text(e))));
        Assert.Equal(["4"], (await ListAsync(Journal.ReadAsync(Dynos, 4))).Select(Text));
        Assert.Equal(before[2..].Select(e => (e.Position, Text(e))), (await ListAsync(Journal.ReadAllAsync())).Select(e => (e.Position, Text(e))));
        Assert.Equal(["3", "4"], (await ListAsync(Journal.ReadAllAsync(before[2].Position + 1))).Select(Text));
        Assert.Equal(["app/first", Dynos.ToString()], (await ListAsync(Journal.ListStreamsAsync())).Select(n => n.ToString()));
        Assert.Equal(new AppendResult(false, 4), await Journal.AppendAsync(Dynos, 2, [Event("5")]));
        Assert.Equal(new AppendResult(true, 5), await Journal.AppendAsync(Dynos, 4, [Event("5")]));
        Assert.True((await ListAsync(Journal.ReadAllAsync()))[^1].Position > before[^1].Position);
    }

    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    [InlineData(-1, 3)]
    public async Task The_newest_event_of_a_stream_survives_every_compaction(long before, int left)
    {
        await Journal.AppendAsync(Dynos, 0, [Event("1"), Event("2"), Event("3")]);

        await Journal.CompactAsync(Dynos, before);
        await Journal.CompactAsync(Dynos, before);

        Assert.Equal(Enumerable.Range(4 - left, left).Select(v => (long)v), (await ListAsync(Journal.ReadAsync(Dynos))).Select(e => e.Version));
    }

    [Fact]
    public async Task A_subscription_passes_over_what_was_dropped_and_follows_on()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await Journal.AppendAsync(Dynos, 0, [Event("1"), Event("2"), Event("3")]);
        await Journal.CompactAsync(Dynos, 3);
        await using var subscription = Journal.SubscribeAsync(1, deadline.Token).GetAsyncEnumerator();

        Assert.True(await subscription.MoveNextAsync());
        Assert.Equal("3", Text(subscription.Current));
        var next = subscription.MoveNextAsync().AsTask();
        await Journal.AppendAsync(Dynos, 3, [Event("4")]);
        await Journal.CompactAsync(Dynos, 4);
        Assert.True(await next.WaitAsync(Deadline));
        Assert.Equal("4", Text(subscription.Current));
    }

    [Theory]
    [InlineData("app/first")]
    [InlineData("catalog")]
    [InlineData("account/first")]
    [InlineData("dynos")]
    public async Task Of_a_stream_of_decisions_nothing_is_ever_dropped(string stream)
    {
        var name = StreamName.Parse(stream);
        await Journal.AppendAsync(name, 0, [Event("1"), Event("2")]);

        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.CompactAsync(name, 2));

        Assert.Equal(2, (await ListAsync(Journal.ReadAsync(name))).Count);
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_is_not_made_by_compacting_it()
    {
        await Journal.CompactAsync(Dynos, 5);

        Assert.Empty(await ListAsync(Journal.ListStreamsAsync()));
        Assert.True((await Journal.AppendAsync(Dynos, 0, [Event("1")])).Succeeded);
    }

    [Fact]
    public async Task An_append_of_nothing_is_a_mistake_of_the_caller() =>
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.AppendAsync(First, 0, []));
}
