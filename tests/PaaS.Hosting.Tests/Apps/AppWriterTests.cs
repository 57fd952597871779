using System.Collections.Immutable;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class AppWriterTests : IAsyncDisposable
{
    private readonly AppId _id = AppId.New();
    private readonly FlakyJournal _journal = new();
    private readonly AppEventCodec _codec = new(new InMemorySecretBox());
    private readonly List<AppEvent> _recorded = [];
    private readonly AppWriter _writer;

    public AppWriterTests() => _writer = Open();

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    [Fact]
    public async Task Commands_at_once_get_releases_without_gap_or_repeat_and_the_journal_says_the_same()
    {
        await CreateAsync();

        var made = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => SetAsync($"V{i}", "x"))));

        Assert.Equal(Enumerable.Range(2, 200), made.Select(outcome => outcome.Value!.Release!.Version.Number).Order());
        Assert.All(made, outcome => Assert.Equal(outcome.Value!.Release!.Version, outcome.Value.App.Releases[^1].Version));
        Assert.Equal(Enumerable.Range(1, 201), _writer.App.Releases.Select(release => release.Version.Number));
        Assert.Equal(200, _writer.App.ConfigVars.Count);
        var stored = await _journal.ReadAllAsync(StreamName.Of(_id));
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(n => (long)n), stored.Select(e => e.Version));
        Assert.Equal(stored.Select(e => _codec.Decode(_id, e).GetType()), _recorded.Select(e => e.GetType()));
    }

    [Fact]
    public async Task An_append_that_fails_is_told_to_its_caller_and_the_next_command_succeeds()
    {
        await CreateAsync();
        _journal.FailOnce("release.created");

        var failed = await Assert.ThrowsAsync<IOException>(() => SetAsync("A", "1"));
        var before = _writer.App;
        var next = await SetAsync("B", "2");

        Assert.Contains("No space left", failed.Message, StringComparison.Ordinal);
        Assert.Single(before.Releases);
        Assert.Equal(2, next.Value!.Release!.Version.Number);
        Assert.Equal(["B"], _writer.App.ConfigVars.Keys);
        Assert.Equal(4, (await _journal.ReadAllAsync(StreamName.Of(_id))).Count);
    }

    [Fact]
    public async Task Of_commands_at_once_only_those_whose_append_fails_fail()
    {
        await CreateAsync();
        var appends = 0;
        _journal.Fails = (_, _) => Interlocked.Increment(ref appends) % 3 == 0;

        var tasks = Enumerable.Range(0, 60).Select(i => Task.Run(() => SetAsync($"V{i}", "x"))).ToList();
        await Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(20, tasks.Count(task => task.IsFaulted));
        Assert.Equal(Enumerable.Range(2, 40), tasks.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result.Value!.Release!.Version.Number).Order());
        Assert.Equal(41, _writer.App.Releases.Count);
    }

    [Fact]
    public async Task What_another_host_has_appended_is_never_written_over()
    {
        await CreateAsync();
        await using var other = Open(_writer.App, 3);
        await other.ExecuteAsync(Platform.Operator, new AppCommand.ChangeConfig(ConfigPatch.Create("THEIRS", "1")), Guid.NewGuid());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SetAsync("OURS", "1"));

        Assert.Contains("another host", refused.Message, StringComparison.Ordinal);
        Assert.Single(_writer.App.Releases);
        Assert.Equal(4, (await _journal.ReadAllAsync(StreamName.Of(_id))).Count);
    }

    [Fact]
    public async Task A_command_that_changes_nothing_or_is_refused_leaves_no_trace()
    {
        await CreateAsync();

        var nothing = await SetAsync("A", null);
        var refused = await _writer.ExecuteAsync(Platform.Operator, new AppCommand.Rollback(new ReleaseVersion(7)), Guid.NewGuid());

        Assert.Empty(nothing.Value!.Events);
        Assert.Equal(RefusalCode.NotFound, refused.Refusal!.Code);
        Assert.Equal(3, (await _journal.ReadAllAsync(StreamName.Of(_id))).Count);
    }

    [Fact]
    public async Task What_was_asked_before_the_end_is_carried_out_and_what_comes_after_finds_no_app()
    {
        await CreateAsync();
        var asked = Enumerable.Range(0, 50).Select(i => SetAsync($"V{i}", "x")).ToList();

        await _writer.DisposeAsync();

        Assert.All(await Task.WhenAll(asked), outcome => Assert.Null(outcome.Refusal));
        Assert.Equal(RefusalCode.NotFound, (await SetAsync("LATE", "1")).Refusal!.Code);
        Assert.Equal(51, _writer.App.Releases.Count);
    }

    [Fact]
    public void Before_its_creation_there_is_no_app_to_read() => Assert.Throws<InvalidOperationException>(() => _writer.App);

    private AppWriter Open(App? replayed = null, long version = 0) => new(_id, replayed, version, _journal, _codec, new ManualTimeProvider(), (_, events, _) => Add(events));

    private void Add(ImmutableArray<AppEvent> events) => _recorded.AddRange(events);

    private Task<Outcome<Recorded>> CreateAsync() => _writer.ExecuteAsync(Platform.Operator, new AppCommand.Create(_id, AppName.Parse("floating-dragon-42"), 300_000), Guid.NewGuid());

    private Task<Outcome<Recorded>> SetAsync(string name, string? value) =>
        _writer.ExecuteAsync(Platform.Operator, new AppCommand.ChangeConfig(ConfigPatch.Create(name, value)), Guid.NewGuid());
}
