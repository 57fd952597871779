using System.Text;
using Microsoft.Data.Sqlite;

namespace PaaS.Hosting.Tests;

public sealed class SqliteJournalTests : JournalConformance
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-journal-");

    private string DatabasePath => Path.Combine(_directory.FullName, "journal.db");

    private SqliteJournal Sqlite => (SqliteJournal)Journal;

    public override async Task DisposeAsync()
    {
        await Sqlite.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    protected override async ValueTask<IJournal> MakeAsync() => await SqliteJournal.OpenAsync(DatabasePath);

    [Fact]
    public async Task A_journal_that_is_opened_again_has_what_was_appended_and_goes_on()
    {
        await Journal.AppendAsync(First, 0, [Event("a"), Event("b")]);
        await Sqlite.DisposeAsync();

        await using var again = await SqliteJournal.OpenAsync(DatabasePath);

        Assert.Equal(new AppendResult(false, 2), await again.AppendAsync(First, 0, [Event("x")]));
        Assert.Equal(new AppendResult(true, 3), await again.AppendAsync(First, 2, [Event("c")]));
        Assert.Equal(["a", "b", "c"], (await ListAsync(again.ReadAllAsync())).Select(Text));
    }

    [Fact]
    public async Task The_journals_files_are_readable_by_their_owner_only()
    {
        await Journal.AppendAsync(First, 0, [Event("a")]);

        var files = _directory.GetFiles("journal.db*");

        Assert.True(files.Length >= 2, "the database and its write-ahead log");
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public async Task A_closed_journal_refuses_appends_and_reads_and_ends_subscriptions()
    {
        await using var subscription = Journal.SubscribeAsync().GetAsyncEnumerator();
        var next = subscription.MoveNextAsync().AsTask();

        await Sqlite.DisposeAsync();
        await Sqlite.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => next.WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Journal.AppendAsync(First, 0, [Event("a")]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ListAsync(Journal.ReadAllAsync()));
    }

    [Fact]
    public async Task Closing_finishes_the_appends_that_were_accepted()
    {
        var appends = Enumerable.Range(0, 200).Select(i => Journal.AppendAsync(StreamName.Parse($"app/{i}"), 0, [Event("x")]).AsTask()).ToList();

        await Sqlite.DisposeAsync();

        Assert.All(await Task.WhenAll(appends).WaitAsync(Deadline), result => Assert.True(result.Succeeded));
        await using var again = await SqliteJournal.OpenAsync(DatabasePath);
        Assert.Equal(200, (await ListAsync(again.ReadAllAsync())).Count);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2", "format 2")]
    [InlineData("PRAGMA application_id = 7", "not a journal")]
    public async Task A_journal_of_a_newer_format_or_another_program_is_refused(string change, string reason)
    {
        await Sqlite.DisposeAsync();
        Execute(change);

        var refusal = await Assert.ThrowsAsync<JournalFormatException>(async () => await SqliteJournal.OpenAsync(DatabasePath));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(DatabasePath, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_stays_as_it_was()
    {
        await Sqlite.DisposeAsync();
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("these are someone's notes\n", 100)));
        await File.WriteAllBytesAsync(DatabasePath, bytes);

        await Assert.ThrowsAsync<JournalFormatException>(async () => await SqliteJournal.OpenAsync(DatabasePath));

        Assert.Equal(bytes, await File.ReadAllBytesAsync(DatabasePath));
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_named_by_its_position()
    {
        await Journal.AppendAsync(First, 0, [Event("a"), Event("b")]);
        Execute("UPDATE events SET actor_id = 'nobody' WHERE position = 2");

        var damage = await Assert.ThrowsAsync<JournalFormatException>(async () => await ListAsync(Journal.ReadAllAsync()));

        Assert.Contains("position 2", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_fails_the_append_with_a_clear_message_and_keeps_the_journal_whole_and_usable()
    {
        var path = Path.Combine(_directory.FullName, "full.db");
        await using var full = await SqliteJournal.OpenAsync(path, maximumPages: 16);
        Assert.True((await full.AppendAsync(First, 0, [Event("a")])).Succeeded);

        var failure = await Assert.ThrowsAsync<IOException>(async () => await full.AppendAsync(First, 1, [Event("b"), Event(new string('x', 200_000))]));

        Assert.Contains("disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], (await ListAsync(full.ReadAllAsync())).Select(Text));
        Assert.Equal(new AppendResult(true, 2), await full.AppendAsync(First, 1, [Event("c")]));
        Assert.Equal(["a", "c"], (await ListAsync(full.ReadAsync(First))).Select(Text));
    }

    [Fact]
    public async Task An_append_that_cannot_be_written_does_not_fail_those_that_wait_beside_it()
    {
        var path = Path.Combine(_directory.FullName, "full.db");
        await using var full = await SqliteJournal.OpenAsync(path, maximumPages: 40);
        var small = Enumerable.Range(0, 20).Select(i => full.AppendAsync(StreamName.Parse($"app/{i}"), 0, [Event("x")]).AsTask()).ToList();
        var large = full.AppendAsync(First, 0, [Event(new string('x', 500_000))]).AsTask();
        small.AddRange(Enumerable.Range(20, 20).Select(i => full.AppendAsync(StreamName.Parse($"app/{i}"), 0, [Event("x")]).AsTask()));

        await Assert.ThrowsAsync<IOException>(() => large.WaitAsync(Deadline));

        Assert.All(await Task.WhenAll(small).WaitAsync(Deadline), result => Assert.True(result.Succeeded));
        Assert.Equal(40, (await ListAsync(full.ReadAllAsync())).Count);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_an_append_leaves_none_of_it_and_the_next_one_works()
    {
        await Journal.AppendAsync(First, 0, [Event("a")]);
        Execute("CREATE TRIGGER third BEFORE INSERT ON events WHEN NEW.version = 3 BEGIN SELECT RAISE(ABORT, 'no third'); END");

        await Assert.ThrowsAsync<IOException>(async () => await Journal.AppendAsync(First, 1, [Event("b"), Event("c")]));

        Execute("DROP TRIGGER third");
        Assert.Equal(new AppendResult(true, 3), await Journal.AppendAsync(First, 1, [Event("d"), Event("e")]));
        Assert.Equal(["a", "d", "e"], (await ListAsync(Journal.ReadAllAsync())).Select(Text));
    }

    [Fact]
    public async Task An_append_that_waits_can_be_cancelled_and_is_then_wholly_absent()
    {
        using var cancellation = new CancellationTokenSource();
        var appends = Enumerable.Range(0, 300).Select(i => Journal.AppendAsync(StreamName.Parse($"app/{i}"), 0, [Event("x")], cancellation.Token).AsTask()).ToList();

        await cancellation.CancelAsync();
        await Task.WhenAll(appends).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Deadline);

        var written = (await ListAsync(Journal.ListStreamsAsync())).Select(n => n.ToString()).ToHashSet();
        Assert.All(appends.Index(), append => Assert.Equal(append.Item.IsCompletedSuccessfully, written.Contains($"app/{append.Index}")));
    }

    private void Execute(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
