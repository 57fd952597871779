namespace PaaS.Buildpacks.Tests;

public sealed class SemverRangeTests
{
    [Theory]
    [InlineData("20.x", "20.11.1", true)]
    [InlineData("20.x", "21.0.0", false)]
    [InlineData("20", "20.0.0", true)]
    [InlineData("20.11", "20.11.9", true)]
    [InlineData("20.11", "20.12.0", false)]
    [InlineData("20.11.1", "20.11.1", true)]
    [InlineData("20.11.1", "20.11.2", false)]
    [InlineData("v20.11.1", "20.11.1", true)]
    [InlineData("=20.11.1", "20.11.1", true)]
    [InlineData("*", "1.2.3", true)]
    [InlineData("", "1.2.3", true)]
    [InlineData("x", "1.2.3", true)]
    [InlineData("latest", "1.2.3", true)]
    [InlineData(">=18", "18.0.0", true)]
    [InlineData(">=18", "17.9.9", false)]
    [InlineData(">= 18", "18.0.0", true)]
    [InlineData(">18", "18.5.0", false)]
    [InlineData(">18", "19.0.0", true)]
    [InlineData(">18.2.1", "18.2.2", true)]
    [InlineData("<20", "19.9.9", true)]
    [InlineData("<20", "20.0.0", false)]
    [InlineData("<=20", "20.9.9", true)]
    [InlineData("<=20", "21.0.0", false)]
    [InlineData("<=20.1.2", "20.1.2", true)]
    [InlineData("<=20.1.2", "20.1.3", false)]
    [InlineData(">=18 <20", "19.1.0", true)]
    [InlineData(">=18 <20", "20.0.0", false)]
    [InlineData(">= 18 < 21 ", "20.0.0", true)]
    [InlineData("^20.5.0", "20.20.2", true)]
    [InlineData("^20.5.0", "20.4.9", false)]
    [InlineData("^20.5.0", "21.0.0", false)]
    [InlineData("^0.2.3", "0.2.9", true)]
    [InlineData("^0.2.3", "0.3.0", false)]
    [InlineData("^0.0.3", "0.0.3", true)]
    [InlineData("^0.0.3", "0.0.4", false)]
    [InlineData("^0", "0.9.0", true)]
    [InlineData("^0.0", "0.0.9", true)]
    [InlineData("^0.0", "0.1.0", false)]
    [InlineData("^*", "5.0.0", true)]
    [InlineData("~20.5.1", "20.5.9", true)]
    [InlineData("~20.5.1", "20.6.0", false)]
    [InlineData("~20", "20.9.0", true)]
    [InlineData("~20", "21.0.0", false)]
    [InlineData("~>20.5", "20.5.7", true)]
    [InlineData("14 || 16 || 20.x", "20.3.0", true)]
    [InlineData("14 || 16", "15.0.0", false)]
    [InlineData("18 - 20", "20.9.9", true)]
    [InlineData("18 - 20", "21.0.0", false)]
    [InlineData("18.2.0 - 20.1.0", "20.1.0", true)]
    [InlineData("18.2.0 - 20.1.0", "20.1.1", false)]
    [InlineData("18.2.0 - 20.1.0", "18.1.9", false)]
    [InlineData(">*", "20.0.0", false)]
    [InlineData(">=20", "20.0.0-rc.1", false)]
    [InlineData("20.x", "21.0.0-rc.1", false)]
    [InlineData("^20.0.0-rc.1", "20.0.0-rc.2", true)]
    [InlineData("^20.0.0-rc.1", "20.0.0-beta", false)]
    [InlineData("^20.0.0-rc.1", "20.1.0-rc.2", false)]
    [InlineData(">=1.0.0-alpha.9", "1.0.0-alpha.10", true)]
    [InlineData("20.11.1+build5", "20.11.1", true)]
    public void A_range_admits_what_npm_says_it_admits(string range, string version, bool admits)
    {
        Assert.True(SemverVersion.TryParse(version, out var parsed));
        Assert.True(SemverRange.TryParse(range, out var it));
        Assert.Equal(admits, it.Contains(parsed));
    }

    [Theory]
    [InlineData("lts/*")]
    [InlineData("twenty")]
    [InlineData("20..1")]
    [InlineData("1.2.3.4")]
    [InlineData(">")]
    [InlineData("^^20")]
    [InlineData("20 -")]
    [InlineData("99999999999999999999")]
    [InlineData("-1")]
    [InlineData("20; rm -rf /")]
    public void What_is_no_range_is_not_taken_for_one(string text) => Assert.False(SemverRange.TryParse(text, out _));

    [Theory]
    [InlineData("1.0.0", "2.0.0")]
    [InlineData("1.2.0", "1.10.0")]
    [InlineData("1.0.0-alpha", "1.0.0")]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1")]
    [InlineData("1.0.0-alpha.1", "1.0.0-alpha.beta")]
    [InlineData("1.0.0-rc.2", "1.0.0-rc.10")]
    public void Versions_are_ordered_as_semver_orders_them(string less, string more)
    {
        Assert.True(SemverVersion.TryParse(less, out var a));
        Assert.True(SemverVersion.TryParse(more, out var b));
        Assert.True(a.CompareTo(b) < 0);
        Assert.True(b.CompareTo(a) > 0);
    }
}
