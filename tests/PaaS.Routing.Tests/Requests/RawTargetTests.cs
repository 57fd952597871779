namespace PaaS.Routing.Tests;

public class RawTargetTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/../b//c?x=%2F&y", "/a/../b//c?x=%2F&y")]
    [InlineData("/a?", "/a?")]
    [InlineData("/a#f", "/a")]
    [InlineData("http://h/a?b=http://c", "/a?b=http://c")]
    [InlineData("http://h", "/")]
    [InlineData("http://h?q", "/?q")]
    [InlineData("HTTPS://h:443/x", "/x")]
    public void The_dyno_gets_the_origin_form(string target, string expected) => Assert.Equal(expected, RawTarget.OriginForm(target));
}
