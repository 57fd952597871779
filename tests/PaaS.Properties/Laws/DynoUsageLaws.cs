using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

public class DynoUsageLaws
{
    private static readonly DateTimeOffset s_epoch = new(2026, 1, 30, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Life> Lives =
        from type in Gen.Elements("web", "worker", "run").Select(s => ProcessType.Parse(s))
        from size in Gen.Elements(DynoSize.Eco, DynoSize.Basic, DynoSize.Standard2X)
        from start in Gen.Choose(0, 200_000_000)
        from length in Gen.Choose(0, 100_000_000)
        from ends in Gen.Elements(true, true, true, false)
        select new Life(Guid.NewGuid(), type, size, s_epoch.AddMilliseconds(start * 37L), TimeSpan.FromMilliseconds(length * 11L), ends);

    private static readonly Gen<Life[]> Histories = Lives.ArrayOf().Resize(40);

    private static readonly Gen<int> Seeds = Gen.Choose(0, int.MaxValue);

    [Fact]
    public void What_is_used_is_the_sum_of_the_lives_in_whatever_order_and_however_often_they_are_told() =>
        Law.Holds(Histories, Seeds, (lives, seed) =>
        {
            var now = s_epoch.AddDays(500);
            var usage = Tell(lives, new Random(seed));
            return Total(usage, now) == lives.Aggregate(TimeSpan.Zero, (sum, life) => sum + (life.Ends ? life.Length : now - life.Start));
        });

    [Fact]
    public void Each_month_gets_what_of_each_life_lies_in_it() =>
        Law.Holds(Histories, Seeds, (lives, seed) =>
        {
            var now = s_epoch.AddDays(500);
            var usage = Tell(lives, new Random(seed));
            return Months(now).All(month =>
            {
                var (from, to) = (StartOf(month), StartOf(month.AddMonths(1)));
                var expected = lives.Aggregate(TimeSpan.Zero, (sum, life) => sum + Overlap(life.Start, life.Ends ? life.Start + life.Length : now, from, to));
                return usage.In(month, now).Aggregate(TimeSpan.Zero, (sum, entry) => sum + entry.Time) == expected;
            });
        });

    [Fact]
    public void A_host_that_was_killed_counts_to_its_last_sign_of_life_and_no_further() =>
        Law.Holds(Histories, Seeds, (lives, seed) =>
        {
            var seen = s_epoch.AddDays(300);
            var usage = Tell(lives, new Random(seed)).EndAll(seen);
            return usage.Running.IsEmpty && Total(usage, seen.AddYears(1)) == Total(Tell(lives, new Random(seed)), seen);
        });

    private static DynoUsage Tell(Life[] lives, Random random)
    {
        // Each life's start comes before its end; apart from that anything may come in any order, and twice.
        var steps = lives.SelectMany(life => new[] { (Life: life, IsEnd: false), (Life: life, IsEnd: true) }).Where(step => !step.IsEnd || step.Life.Ends).ToList();
        var told = new List<(Life Life, bool IsEnd)>();
        while (steps.Count > 0)
        {
            var index = random.Next(steps.Count);
            if (steps[index].IsEnd && steps.Contains((steps[index].Life, false)))
            {
                continue;
            }

            told.Add(steps[index]);
            if (random.Next(4) == 0 && steps[index].IsEnd)
            {
                told.Add(steps[index]);
            }

            steps.RemoveAt(index);
        }

        return told.Aggregate(DynoUsage.Empty, (usage, step) => step.IsEnd
            ? usage.End(step.Life.Id, step.Life.Start + step.Life.Length)
            : usage.Start(step.Life.Id, new RunningDyno(step.Life.Type, step.Life.Size, step.Life.Start)).Start(step.Life.Id, new RunningDyno(step.Life.Type, step.Life.Size, step.Life.Start)));
    }

    private static TimeSpan Total(DynoUsage usage, DateTimeOffset now) =>
        Months(now).SelectMany(month => usage.In(month, now)).Aggregate(TimeSpan.Zero, (sum, entry) => sum + entry.Time);

    private static IEnumerable<DateOnly> Months(DateTimeOffset until)
    {
        for (var month = DynoUsage.MonthOf(s_epoch); month <= DynoUsage.MonthOf(until); month = month.AddMonths(1))
        {
            yield return month;
        }
    }

    private static DateTimeOffset StartOf(DateOnly month) => new(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static TimeSpan Overlap(DateTimeOffset from, DateTimeOffset to, DateTimeOffset first, DateTimeOffset last)
    {
        var (begin, end) = (from > first ? from : first, to < last ? to : last);
        return end > begin ? end - begin : TimeSpan.Zero;
    }

    private sealed record Life(Guid Id, ProcessType Type, DynoSize Size, DateTimeOffset Start, TimeSpan Length, bool Ends);
}
