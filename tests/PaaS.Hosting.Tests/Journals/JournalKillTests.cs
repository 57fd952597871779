using System.Globalization;

namespace PaaS.Hosting.Tests;

public sealed class JournalKillTests : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-kill-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_process_killed_while_it_appends_loses_nothing_acknowledged_and_leaves_nothing_half_written()
    {
        var path = Path.Combine(_directory.FullName, "journal.db");
        long acknowledged = 0;
        foreach (var appends in (int[])[1, 7, 40])
        {
            acknowledged = await AppendAndKillAsync(path, appends);

            await using var journal = await SqliteJournal.OpenAsync(path);
            var events = new List<RecordedEvent>();
            await foreach (var e in journal.ReadAsync(StreamName.Catalog))
            {
                events.Add(e);
            }

            Assert.True(events.Count >= acknowledged, $"{acknowledged} events were acknowledged, {events.Count} are there");
            Assert.Equal(0, events.Count % 2);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Version));
            Assert.All(events, e => Assert.Equal((e.Version + 1) / 2 * 2, long.Parse(JournalConformance.Text(e), CultureInfo.InvariantCulture)));
        }

        Assert.True(acknowledged > 48);
    }

    private static async Task<long> AppendAndKillAsync(string path, int appends)
    {
        using var writer = JournalWriterProcess.Start(path);
        using var deadline = new CancellationTokenSource(s_deadline);
        try
        {
            long acknowledged = 0;
            for (var i = 0; i < appends; i++)
            {
                acknowledged = long.Parse(await writer.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new InvalidOperationException("The writer ended by itself."), CultureInfo.InvariantCulture);
            }

            writer.Kill();
            // What it had printed before it died was acknowledged too.
            while (await writer.StandardOutput.ReadLineAsync(deadline.Token) is { Length: > 0 } line)
            {
                acknowledged = Math.Max(acknowledged, long.Parse(line, CultureInfo.InvariantCulture));
            }

            return acknowledged;
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync(deadline.Token);
        }
    }
}
