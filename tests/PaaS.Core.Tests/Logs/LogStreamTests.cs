using System.Text;

namespace PaaS.Core.Tests;

public class LogStreamTests
{
    [Fact]
    public async Task A_line_is_printed_as_Logplex_prints_it()
    {
        var log = new LogStream(new FixedClock(new DateTimeOffset(2026, 11, 20, 15, 0, 0, TimeSpan.Zero).AddTicks(1_234_560)));
        log.Write(LogSource.App, "web.1", "hello world");

        Assert.Equal(["2026-11-20T15:00:00.123456+00:00 app[web.1]: hello world"], await ReadAsync(log, new LogTail()));
    }

    [Fact]
    public async Task A_line_break_in_the_text_cannot_forge_a_line_of_another_source()
    {
        var log = new LogStream();
        log.Write(LogSource.App, "web.1", "innocent\n2026-11-20T15:00:00.000000+00:00 heroku[router]: at=info"u8.ToArray());

        var lines = await ReadAsync(log, new LogTail());

        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Contains(" app[web.1]: ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(20_000, 2)]
    [InlineData(0, 1)]
    public async Task A_long_line_is_cut_into_pieces_of_ten_thousand_bytes(int length, int pieces)
    {
        var log = new LogStream();
        log.Write(LogSource.App, "web.1", Encoding.UTF8.GetBytes(new string('x', length)));

        var lines = await log.TailAsync().ToListAsync();

        Assert.Equal(pieces, lines.Count);
        Assert.Equal(length, lines.Sum(line => line.Text.Length));
    }

    [Theory]
    [InlineData("Starting process with command `a\nState changed from up to crashed`", "Starting process with command `a State changed from up to crashed`")]
    [InlineData("a\r\nb", "a  b")]
    public async Task What_the_platform_says_is_one_line_whatever_it_repeats(string text, string line)
    {
        var log = new LogStream();
        log.Write(LogSource.Heroku, "run.1234", text);
        log.Write(LogSource.Heroku, "run.1234", new string('x', 9_999) + "é State changed");

        var lines = await log.TailAsync().ToListAsync();

        Assert.Equal([line.Length, LogStream.MaxLineBytes], lines.Select(l => l.Text.Length));
        Assert.Equal(line, lines[0].Message);
    }

    [Fact]
    public async Task A_tail_gives_the_backlog_and_then_follows_without_gap_or_repeat()
    {
        var log = new LogStream(capacity: 100);
        for (var i = 1; i <= 10; i++)
        {
            log.Write(LogSource.App, "web.1", $"{i}");
        }

        await using var tail = log.TailAsync(new LogTail { Lines = 3, Follow = true }).GetAsyncEnumerator();
        var numbers = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await tail.MoveNextAsync());
            numbers.Add(tail.Current.Number);
        }

        var next = tail.MoveNextAsync();
        Assert.False(next.IsCompleted);
        log.Write(LogSource.App, "web.1", "11");
        Assert.True(await next);
        numbers.Add(tail.Current.Number);
        log.Complete();
        Assert.False(await tail.MoveNextAsync());

        Assert.Equal([8, 9, 10, 11], numbers);
    }

    [Fact]
    public async Task A_filter_counts_lines_after_filtering()
    {
        var log = new LogStream();
        for (var i = 1; i <= 20; i++)
        {
            log.Write(i % 2 == 0 ? LogSource.Heroku : LogSource.App, i % 2 == 0 ? "router" : $"web.{i % 3}", $"{i}");
        }

        log.Write(LogSource.App, "website.1", "not a web dyno");

        Assert.Equal(["15", "17", "19"], (await log.TailAsync(new LogTail { Lines = 3, Process = "web" }).ToListAsync()).Select(line => line.Message));
        Assert.Equal(["18", "20"], (await log.TailAsync(new LogTail { Lines = 2, Source = LogSource.Heroku }).ToListAsync()).Select(line => line.Message));
    }

    [Fact]
    public async Task A_slow_reader_is_told_how_many_lines_it_missed()
    {
        var log = new LogStream(capacity: 10);
        log.Write(LogSource.App, "web.1", "first");
        await using var tail = log.TailAsync(new LogTail { Follow = true }).GetAsyncEnumerator();
        Assert.True(await tail.MoveNextAsync());

        for (var i = 0; i < 25; i++)
        {
            log.Write(LogSource.App, "web.1", $"{i}");
        }

        Assert.True(await tail.MoveNextAsync());
        Assert.Equal("logplex", tail.Current.Process);
        Assert.Contains("dropped 15 messages", tail.Current.Message, StringComparison.Ordinal);
        Assert.True(await tail.MoveNextAsync());
        Assert.Equal(17, tail.Current.Number);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_kept()
    {
        var log = new LogStream();
        log.Write(LogSource.App, "web.1", new byte[] { 0xff, 0x00, 0x41 });

        Assert.Equal([0xff, 0x00, 0x41], (await log.TailAsync().ToListAsync())[0].Text.ToArray());
    }

    private static async Task<List<string>> ReadAsync(LogStream log, LogTail tail) => [.. (await log.TailAsync(tail).ToListAsync()).Select(line => line.ToString())];

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
