using System.Globalization;

namespace PaaS.Core.Tests;

public class CronScheduleTests
{
    [Theory]
    [InlineData("*/10 * * * *", "2026-11-21T13:00:00", "2026-11-21T13:10:00")]
    [InlineData("*/10 * * * *", "2026-11-21T13:09:59.999", "2026-11-21T13:10:00")]
    [InlineData("every 10 minutes", "2026-11-21T13:51:00", "2026-11-21T14:00:00")]
    [InlineData("Every 1 minute", "2026-12-31T23:59:00", "2027-01-01T00:00:00")]
    [InlineData("@hourly", "2026-11-21T13:00:00", "2026-11-21T14:00:00")]
    [InlineData("@daily", "2026-11-21T13:00:00", "2026-11-22T00:00:00")]
    [InlineData("@weekly", "2026-11-21T13:00:00", "2026-11-22T00:00:00")]
    [InlineData("@monthly", "2026-11-21T13:00:00", "2026-12-01T00:00:00")]
    [InlineData("@yearly", "2026-11-21T13:00:00", "2027-01-01T00:00:00")]
    [InlineData("30 4 * * mon-fri", "2026-11-20T04:30:00", "2026-11-23T04:30:00")]
    [InlineData("0 9-17/4 * * *", "2026-11-21T13:00:00", "2026-11-21T17:00:00")]
    [InlineData("5,35 0 1 JAN,jul *", "2026-11-21T13:00:00", "2027-01-01T00:05:00")]
    [InlineData("0 0 * * 7", "2026-11-21T13:00:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 * * 5-7", "2026-11-21T13:00:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 * * fri-sun", "2026-11-22T00:00:00", "2026-11-27T00:00:00")]
    [InlineData("0 0 13 * fri", "2026-11-21T13:00:00", "2026-11-27T00:00:00")]
    [InlineData("0 0 13 * fri", "2026-12-11T00:00:00", "2026-12-13T00:00:00")]
    [InlineData("0 0 */2 * mon", "2026-11-21T13:00:00", "2026-11-23T00:00:00")]
    [InlineData("0 0 29 2 *", "2026-11-21T13:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 31 * *", "2026-11-21T13:00:00", "2026-12-31T00:00:00")]
    [InlineData("59 23 31 12 *", "9999-12-31T23:58:59", "9999-12-31T23:59:00")]
    [InlineData("  0 0 * * *\t", "2026-11-21T13:00:00", "2026-11-22T00:00:00")]
    public void The_next_time_is_the_first_full_minute_that_fits(string schedule, string after, string next) =>
        Assert.Equal(Utc(next), CronSchedule.Parse(schedule).Next(Utc(after)));

    [Fact]
    public void The_time_zone_of_the_moment_is_of_no_account() =>
        Assert.Equal(Utc("2026-11-22T00:00:00"), CronSchedule.Parse("@daily").Next(Utc("2026-11-21T23:30:00").ToOffset(TimeSpan.FromHours(5.5))));

    [Fact]
    public void After_the_last_day_of_the_calendar_nothing_comes() =>
        Assert.Null(CronSchedule.Parse("@daily").Next(Utc("9999-12-31T00:00:00")));

    [Theory]
    [InlineData("", "missing")]
    [InlineData("   ", "missing")]
    [InlineData("* * * *", "Column 8: the day of the week is missing; only 4 of five fields")]
    [InlineData("* * * * * *", "Column 11: a sixth field '*'")]
    [InlineData("60 * * * *", "Column 1: '60' is no minute. Write 0 to 59.")]
    [InlineData("* 24 * * *", "Column 3: '24' is no hour. Write 0 to 23.")]
    [InlineData("* * 0 * *", "Column 5: '0' is no day of the month. Write 1 to 31.")]
    [InlineData("* * * 13 *", "Column 7: '13' is no month. Write 1 to 12, or a name from jan to dec.")]
    [InlineData("* * * * 8", "Column 9: '8' is no day of the week. Write 0 to 7, or a name from sun to sat.")]
    [InlineData("* * * * mo", "'mo' is no day of the week")]
    [InlineData("1,,2 * * * *", "Column 3: a value of the minute is missing")]
    [InlineData("1-x * * * *", "Column 3: 'x' is no minute")]
    [InlineData("* 22-2 * * *", "Column 3: the range 22-2 of the hour runs backwards. Write it as two: 22-23,0-2.")]
    [InlineData("* * * * sat-mon", "Column 9: the range sat-mon of the day of the week runs backwards. Write it as two: 6-6,0-1.")]
    [InlineData("5/10 * * * *", "Column 1: a step needs a range in the minute. Write 5-59/10.")]
    [InlineData("*/0 * * * *", "Column 3: '0' is no step for the minute. Write a whole number from 1 to 59.")]
    [InlineData("*/x * * * *", "Column 3: 'x' is no step")]
    [InlineData("-5 * * * *", "Column 1: a value of the minute is missing")]
    [InlineData("+5 * * * *", "'+5' is no minute")]
    [InlineData("* * L * *", "'L' is no day of the month")]
    [InlineData("0 0 30 2 *", "no such day in any year")]
    [InlineData("0 0 31 4,6,9,11 *", "no such day in any year")]
    [InlineData("@reboot", "no schedule '@reboot'")]
    [InlineData("every 7 minutes", "where N is 1, 2, 3")]
    [InlineData("every 61 minutes", "where N is 1, 2, 3")]
    [InlineData("every day", "where N is 1, 2, 3")]
    [InlineData("* * * * \u0007", "'\\u0007' is no day of the week")]
    public void What_is_no_schedule_is_refused_with_its_place_and_its_mend(string text, string expected)
    {
        Assert.False(CronSchedule.TryParse(text, out CronSchedule? _, out var problem));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Throws<FormatException>(() => CronSchedule.Parse(text)).Message);
    }

    [Fact]
    public void A_text_of_any_length_is_refused_quickly() =>
        Assert.False(CronSchedule.TryParse(new string('*', 1_000_000), out CronSchedule? _, out string? _));

    [Fact]
    public void The_text_stays_as_it_was_written() =>
        Assert.Equal(("every 10 minutes", CronSchedule.Parse("@daily")), (CronSchedule.Parse(" every 10 minutes ").ToString(), CronSchedule.Parse("@daily")));

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
