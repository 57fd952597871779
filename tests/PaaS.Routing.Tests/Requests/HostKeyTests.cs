namespace PaaS.Routing.Tests;

public class HostKeyTests
{
    [Theory]
    [InlineData("app.example.com", "app.example.com")]
    [InlineData("APP.Example.com:8080", "app.example.com")]
    [InlineData("app.example.com.", "app.example.com")]
    [InlineData("app.example.com.:443", "app.example.com")]
    [InlineData("app.localhost:", "app.localhost")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void The_port_the_case_and_a_trailing_dot_do_not_count(string host, string key) => Assert.Equal(key, HostKey.Parse(host));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":80")]
    [InlineData("a:b")]
    [InlineData("a:80:80")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("user@host")]
    [InlineData("a/b")]
    [InlineData("[::1")]
    [InlineData("a\"b")]
    public void Anything_else_is_no_host(string? host) => Assert.Null(HostKey.Parse(host));
}
