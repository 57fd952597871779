using System.Globalization;
using System.Text;

namespace PaaS.Core.Tests;

/// <summary>Lines from bytes that the writer uses again, as the router's are.</summary>
public class LogStreamCopyTests
{
    [Fact]
    public void Lines_stay_as_they_were_when_their_bytes_are_used_again()
    {
        var log = new LogStream();
        var buffer = new byte[LogStream.MaxLineBytes];
        var expected = new List<string>();
        for (var i = 0; i < 1000; i++)
        {
            var text = $"{i} {new string((char)('a' + (i % 26)), i * 37 % 9000)}";
            expected.Add(text);
            Encoding.ASCII.GetBytes(text, buffer);
            log.Write(LogSource.Heroku, "router", buffer.AsSpan(0, text.Length));
            buffer.AsSpan().Fill((byte)'?');
        }

        Assert.Equal(expected, Lines(log));
    }

    [Theory]
    [InlineData("one\ntwo\n\nthree", "one", "two", "", "three")]
    [InlineData("", "")]
    [InlineData("\n", "", "")]
    public void Line_breaks_begin_new_lines(string text, params string[] lines)
    {
        var log = new LogStream();

        log.Write(LogSource.Heroku, "router", Encoding.ASCII.GetBytes(text).AsSpan());

        Assert.Equal(lines, Lines(log));
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    public void A_long_line_is_cut_into_pieces_of_ten_thousand_bytes(int length, int pieces)
    {
        var log = new LogStream();

        log.Write(LogSource.Heroku, "router", new byte[length].AsSpan());

        Assert.Equal(pieces, Lines(log).Count);
    }

    [Fact]
    public void Nothing_is_written_behind_the_end()
    {
        var log = new LogStream();
        log.Complete();

        log.Write(LogSource.Heroku, "router", "late"u8);

        Assert.Equal(0, log.LastNumber);
    }

    [Fact]
    public void A_quiet_log_takes_little_and_a_busy_one_no_more_than_its_lines()
    {
        var line = new byte[250];
        new LogStream().Write(LogSource.Heroku, "router", line.AsSpan());
        var before = GC.GetAllocatedBytesForCurrentThread();

        var log = new LogStream();
        log.Write(LogSource.Heroku, "router", line.AsSpan());

        // The ring of 64 lines, and a first block of 1 KiB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1024, 8 * 1024);

        for (var i = 0; i < 2000; i++)
        {
            log.Write(LogSource.Heroku, "router", line.AsSpan());
        }

        before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            log.Write(LogSource.Heroku, "router", line.AsSpan());
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10_000.0, 250, 260);
    }

    [Fact]
    public async Task Lines_of_many_threads_are_whole_and_each_has_its_number()
    {
        const int Each = 2000;
        var log = new LogStream(capacity: 4 * Each);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            var buffer = new byte[200];
            for (var i = 0; i < Each; i++)
            {
                var text = $"{writer} {i} {new string((char)('a' + writer), i % 150)}";
                Encoding.ASCII.GetBytes(text, buffer);
                log.Write(LogSource.Heroku, "router", buffer.AsSpan(0, text.Length));
            }
        })));

        var lines = Lines(log).Select(line => line.Split(' ')).ToList();
        Assert.Equal(4 * Each, lines.Count);
        foreach (var writer in lines.GroupBy(parts => parts[0]))
        {
            Assert.Equal(Enumerable.Range(0, Each), writer.Select(parts => int.Parse(parts[1], CultureInfo.InvariantCulture)));
            Assert.All(writer, parts => Assert.Equal(new string((char)('a' + int.Parse(parts[0], CultureInfo.InvariantCulture)), int.Parse(parts[1], CultureInfo.InvariantCulture) % 150), parts[2]));
        }
    }

    private static List<string> Lines(LogStream log) => [.. log.TailAsync(new LogTail { Lines = log.Capacity }).ToBlockingEnumerable().Select(line => line.Message)];
}
