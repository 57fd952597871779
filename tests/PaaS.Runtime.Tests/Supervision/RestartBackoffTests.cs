using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

public class RestartBackoffTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(4, 40)]
    [InlineData(7, 320)]
    [InlineData(8, 600)]
    [InlineData(int.MaxValue, 600)]
    public void The_default_doubles_from_ten_seconds_to_ten_minutes(int crashes, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RestartBackoff.Default.DelayAfter(crashes));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(9, 1280)]
    [InlineData(10, 1440)]
    public void Herokus_doubles_from_ten_minutes_to_a_day(int crashes, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), RestartBackoff.Heroku.DelayAfter(crashes));

    [Fact]
    public void There_is_no_delay_before_a_crash() => Assert.Throws<ArgumentOutOfRangeException>(() => RestartBackoff.Default.DelayAfter(0));
}
