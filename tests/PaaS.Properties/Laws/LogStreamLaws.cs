using FsCheck.Fluent;

namespace PaaS.Properties;

public class LogStreamLaws
{
    [Fact]
    public void A_tail_is_always_a_suffix_of_what_was_written_with_no_repeat() => Law.Holds(
        from capacity in Gen.Choose(1, 300)
        from written in Gen.Choose(0, 700)
        from wanted in Gen.Choose(0, 400)
        select (capacity, written, wanted),
        x =>
        {
            var log = new LogStream(capacity: x.capacity);
            for (var i = 1; i <= x.written; i++)
            {
                log.Write(LogSource.App, "web.1", $"{i}");
            }

            var numbers = Read(log, new LogTail { Lines = x.wanted });
            var expected = Math.Min(x.wanted, Math.Min(x.written, x.capacity));
            return numbers.SequenceEqual(Enumerable.Range(x.written - expected + 1, expected).Select(i => (long)i));
        });

    [Fact]
    public void Whoever_resumes_behind_a_line_gets_every_line_after_it_that_is_still_kept() => Law.Holds(
        from capacity in Gen.Choose(1, 300)
        from before in Gen.Choose(0, 400)
        from after in Gen.Choose(0, 400)
        select (capacity, before, after),
        x =>
        {
            var log = new LogStream(capacity: x.capacity);
            for (var i = 1; i <= x.before + x.after; i++)
            {
                log.Write(LogSource.App, "web.1", $"{i}");
            }

            var lines = log.TailAsync(new LogTail { After = x.before }).ToBlockingEnumerable().ToList();
            var lost = Math.Max(0, x.after - x.capacity);
            var told = lines.Count > 0 && lines[0].Process == "logplex";
            var kept = lines.Where(line => line.Process == "web.1").Select(line => line.Number);
            return told == (lost > 0) && kept.SequenceEqual(Enumerable.Range(x.before + lost + 1, x.after - lost).Select(i => (long)i));
        });

    private static IEnumerable<long> Read(LogStream log, LogTail tail) => log.TailAsync(tail).ToBlockingEnumerable().Select(line => line.Number);
}
