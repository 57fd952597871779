using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Hosting;

namespace PaaS.Properties;

/// <summary>Laws of every journal, over scripts of appends: some expect the right version, some a wrong one.</summary>
public abstract class JournalLaws
{
    private static readonly Actor s_actor = new(new AccountId(Guid.Empty), "operator@localhost");

    private static readonly Gen<Append[]> s_scripts = (
        from stream in Gen.Elements("catalog", "app/a", "app/b", "account/a")
        from error in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(-3, 3)))
        from texts in Texts.Of("ab{}\0", 0, 5).NonEmptyListOf()
        select new Append(StreamName.Parse(stream), error, [.. texts.Take(4)])).ArrayOf();

    [Fact]
    public void An_append_with_a_wrong_expected_version_changes_nothing() =>
        Holds(async (journal, script) =>
        {
            var good = true;
            foreach (var append in script)
            {
                var before = await ReadAllAsync(journal);
                var version = before.Count(e => e.Stream == append.Stream);
                var result = await AppendAsync(journal, append, version);
                var after = await ReadAllAsync(journal);
                good &= result.Succeeded == (append.Error == 0)
                    && result.Version == version + (result.Succeeded ? append.Texts.Length : 0)
                    && after.Count == before.Count + (result.Succeeded ? append.Texts.Length : 0)
                    && before.Select(Identity).SequenceEqual(after.Take(before.Count).Select(Identity));
            }

            return good;
        });

    [Fact]
    public void Versions_of_a_stream_have_no_gaps() =>
        Holds(async (journal, script) =>
        {
            await RunAsync(journal, script);
            var streams = await ListAsync(journal.ListStreamsAsync());
            var good = true;
            foreach (var stream in streams)
            {
                var versions = (await ListAsync(journal.ReadAsync(stream))).Select(e => e.Version).ToList();
                good &= versions.Count > 0 && versions.SequenceEqual(Enumerable.Range(1, versions.Count).Select(v => (long)v));
            }

            return good;
        });

    [Fact]
    public void All_events_are_read_in_the_order_of_their_appends_and_each_stream_in_its_own() =>
        Holds(async (journal, script) =>
        {
            var expected = await RunAsync(journal, script);
            var all = await ReadAllAsync(journal);
            var good = all.Select(e => (e.Stream, Text(e))).SequenceEqual(expected) && all.Zip(all.Skip(1)).All(pair => pair.First.Position < pair.Second.Position);
            foreach (var stream in expected.Select(e => e.Stream).Distinct())
            {
                good &= (await ListAsync(journal.ReadAsync(stream))).Select(Identity).SequenceEqual(all.Where(e => e.Stream == stream).Select(Identity));
            }

            return good;
        });

    [Fact]
    public void Reading_from_a_position_is_the_rest_of_reading_all() =>
        Holds(async (journal, script) =>
        {
            await RunAsync(journal, script);
            var all = await ReadAllAsync(journal);
            var middle = all.Count == 0 ? 1 : all[all.Count / 2].Position;
            return (await ListAsync(journal.ReadAllAsync(middle))).Select(Identity).SequenceEqual(all.Skip(all.Count / 2).Select(Identity));
        });

    /// <summary>Runs against an empty journal, and cleans up after.</summary>
    protected abstract Task<bool> WithJournalAsync(Func<IJournal, Task<bool>> run);

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    private static Task<List<RecordedEvent>> ReadAllAsync(IJournal journal) => ListAsync(journal.ReadAllAsync());

    private static string Text(RecordedEvent e) => Encoding.UTF8.GetString(e.Event.Data.Span);

    private static (StreamName, long, long, string) Identity(RecordedEvent e) => (e.Stream, e.Version, e.Position, Text(e));

    private static ValueTask<AppendResult> AppendAsync(IJournal journal, Append append, long version) => journal.AppendAsync(
        append.Stream,
        version + append.Error,
        [.. append.Texts.Select(text => new JournalEvent("test.happened", 1, s_actor, Guid.Empty, DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes(text)))]);

    // What the journal should hold afterwards, in order.
    private static async Task<List<(StreamName Stream, string Text)>> RunAsync(IJournal journal, Append[] script)
    {
        var expected = new List<(StreamName Stream, string Text)>();
        foreach (var append in script)
        {
            if ((await AppendAsync(journal, append, expected.Count(e => e.Stream == append.Stream))).Succeeded)
            {
                expected.AddRange(append.Texts.Select(text => (append.Stream, text)));
            }
        }

        return expected;
    }

    private void Holds(Func<IJournal, Append[], Task<bool>> law) =>
        Law.Holds(s_scripts, script => Task.Run(() => WithJournalAsync(journal => law(journal, script))).GetAwaiter().GetResult());

    private sealed record Append(StreamName Stream, int Error, string[] Texts)
    {
        public override string ToString() => $"{Stream} {Error:+0;-0;0} [{string.Join(", ", Texts)}]";
    }
}

public sealed class InMemoryJournalLaws : JournalLaws
{
    protected override Task<bool> WithJournalAsync(Func<IJournal, Task<bool>> run) => run(new InMemoryJournal());
}

public sealed class SqliteJournalLaws : JournalLaws
{
    // Hundreds of journals, each synced many times: in memory where the system offers that, for no law here is about the disk.
    private static readonly string s_parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    protected override async Task<bool> WithJournalAsync(Func<IJournal, Task<bool>> run)
    {
        var directory = Directory.CreateDirectory(Path.Combine(s_parent, $"paas-laws-{Guid.NewGuid():N}"));
        try
        {
            await using var journal = await SqliteJournal.OpenAsync(Path.Combine(directory.FullName, "journal.db"));
            return await run(journal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
