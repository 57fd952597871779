using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Laws of schedules, against an oracle that asks minute by minute.</summary>
public class CronLaws
{
    private static readonly (int Low, int High)[] s_ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];

    /// <summary>Expressions that come due often enough for the oracle to find it, from moments near the ends of months and years.</summary>
    private static readonly Gen<(string[] Fields, DateTimeOffset After)> s_cases =
        from minute in FieldOf(0)
        from hour in FieldOf(1)
        from day in Gen.Frequency((2, Gen.Constant("*")), (1, FieldOf(2)))
        from month in Gen.Frequency((3, Gen.Constant("*")), (1, FieldOf(3)))
        from weekday in Gen.Frequency((2, Gen.Constant("*")), (1, FieldOf(4)))
        from year in Gen.Elements(1999, 2000, 2024, 2026, 2100)
        from start in Gen.Elements((1, 1), (2, 27), (4, 30), (11, 21), (12, 31))
        from seconds in Gen.Choose(0, 2 * 86_400)
        select (new[] { minute, hour, day, month, weekday }, new DateTimeOffset(year, start.Item1, start.Item2, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds));

    [Fact]
    public void The_next_time_is_what_asking_every_minute_finds() =>
        Law.Holds(s_cases, one =>
        {
            if (!CronSchedule.TryParse(string.Join(' ', one.Fields), out CronSchedule? schedule, out string? problem))
            {
                return problem.Contains("no such day in any year", StringComparison.Ordinal);
            }

            var next = schedule.Next(one.After);
            var minute = new DateTimeOffset(one.After.UtcDateTime.AddTicks(-(one.After.UtcTicks % TimeSpan.TicksPerMinute)), TimeSpan.Zero);
            for (var step = 0; step < 40 * 1440; step++)
            {
                minute = minute.AddMinutes(1);
                if (Fits(one.Fields, minute))
                {
                    return next == minute;
                }
            }

            return next > minute && Fits(one.Fields, next.Value);
        });

    [Fact]
    public void Times_grow_and_nothing_that_fits_lies_between_two_of_them() =>
        Law.Holds(s_cases, one =>
        {
            if (!CronSchedule.TryParse(string.Join(' ', one.Fields), out CronSchedule? schedule, out string? _))
            {
                return true;
            }

            var first = schedule.Next(one.After)!.Value;
            var second = schedule.Next(first)!.Value;
            var between = first + ((second - first) / 2);
            return first > one.After && second > first && schedule.Next(between) == second && schedule.Next(first.AddTicks(-1)) == first;
        });

    [Fact]
    public void A_text_that_is_read_says_the_same_when_it_is_read_again() =>
        Law.Holds(s_cases, one =>
            !CronSchedule.TryParse(string.Join(' ', one.Fields), out CronSchedule? schedule, out string? _)
            || CronSchedule.Parse(schedule.ToString()).Next(one.After) == schedule.Next(one.After));

    [Fact]
    public void Reading_never_throws_and_every_refusal_says_why() =>
        Law.Holds(Texts.Of("*/,-0159 @everyminutsmonjl\t\ud800", 0, 40), text =>
            CronSchedule.TryParse(text, out CronSchedule? _, out string? problem) || problem.Length > 10);

    private static Gen<string> FieldOf(int field)
    {
        var (low, high) = s_ranges[field];
        var value = Gen.Choose(low, high);
        var range = from a in value from b in value select a <= b ? $"{a}-{b}" : $"{b}-{a}";
        var item = Gen.OneOf(
            value.Select(v => v.ToString(CultureInfo.InvariantCulture)),
            range,
            from r in range from step in Gen.Choose(1, high) select $"{r}/{step}");
        return Gen.OneOf(
            Gen.Constant("*"),
            Gen.Choose(1, high).Select(step => $"*/{step}"),
            item,
            from items in item.NonEmptyListOf() select string.Join(',', items.Take(3)));
    }

    private static bool Fits(string[] fields, DateTimeOffset time)
    {
        var (day, weekday) = (Holds(2, time.Day), Holds(4, (int)time.DayOfWeek) || (time.DayOfWeek == DayOfWeek.Sunday && fields[4][0] != '*' && Holds(4, 7)));
        var days = fields[2][0] == '*' || fields[4][0] == '*' ? day && weekday : day || weekday;
        return Holds(0, time.Minute) && Holds(1, time.Hour) && Holds(3, time.Month) && days;

        bool Holds(int field, int value) => fields[field].Split(',').Any(item =>
        {
            var parts = item.Split('/');
            var ends = parts[0] == "*" ? [s_ranges[field].Low, s_ranges[field].High] : parts[0].Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            var step = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
            return value >= ends[0] && value <= ends[^1] && (value - ends[0]) % step == 0;
        });
    }
}
