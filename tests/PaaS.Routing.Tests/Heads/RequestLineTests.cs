using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

/// <summary>Request line, target, Host: what is routed, and what is refused before any lookup.</summary>
public class RequestLineTests
{
    [Theory]
    [InlineData("GET /a/../b//c/./%2e%2e/%2F;p=1?x=%20+&y=a;b&&=&z=%zz HTTP/1.1", "GET /a/../b//c/./%2e%2e/%2F;p=1?x=%20+&y=a;b&&=&z=%zz HTTP/1.1")]
    [InlineData("GET /q?test=foo&bar=car#frag HTTP/1.1", "GET /q?test=foo&bar=car HTTP/1.1")]
    [InlineData("GET /caf\u00c3\u00a9|\\^{}\"<> HTTP/1.1", "GET /caf\u00c3\u00a9|\\^{}\"<> HTTP/1.1")]
    [InlineData("GET //a HTTP/1.1", "GET //a HTTP/1.1")]
    [InlineData("GET /? HTTP/1.1", "GET /? HTTP/1.1")]
    [InlineData("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1")]
    [InlineData("PURGE /k HTTP/1.1", "PURGE /k HTTP/1.1")]
    [InlineData("get /k HTTP/1.0", "get /k HTTP/1.1")]
    [InlineData("GET http://a.test HTTP/1.1", "GET / HTTP/1.1")]
    [InlineData("GET http://a.test#f HTTP/1.1", "GET / HTTP/1.1")]
    [InlineData("GET HTTPS://A.TEST/x?y=1#z HTTP/1.1", "GET /x?y=1 HTTP/1.1")]
    [InlineData("GET http://a.test?y=1 HTTP/1.1", "GET /?y=1 HTTP/1.1")]
    [InlineData("OPTIONS http://a.test HTTP/1.1", "OPTIONS * HTTP/1.1")]
    [InlineData("OPTIONS http://a.test/ HTTP/1.1", "OPTIONS / HTTP/1.1")]
    [InlineData("OPTIONS http://a.test?x HTTP/1.1", "OPTIONS /?x HTTP/1.1")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1")]
    public void A_request_line_reaches_the_dyno_in_origin_form(string line, string written) =>
        Assert.Equal(written + "\r\nHost: a.test\r\n", ToDyno(line + "\r\nHost: a.test\r\n\r\n"));

    [Theory]
    [InlineData("GET  / HTTP/1.1", 400)]
    [InlineData("GET /  HTTP/1.1", 400)]
    [InlineData(" GET / HTTP/1.1", 400)]
    [InlineData("GET / HTTP/1.1 ", 400)]
    [InlineData("GET\t/ HTTP/1.1", 400)]
    [InlineData("GET /\tHTTP/1.1", 400)]
    [InlineData("GET /a b HTTP/1.1", 400)]
    [InlineData("GET /a#b c HTTP/1.1", 400)]
    [InlineData("GET /a#b\tc HTTP/1.1", 400)]
    [InlineData("GET /a\u000bb HTTP/1.1", 400)]
    [InlineData("GET /a\u007fb HTTP/1.1", 400)]
    [InlineData("GET /a\0b HTTP/1.1", 400)]
    [InlineData("GET /a\rb HTTP/1.1", 400)]
    [InlineData("GET / HTTP/1.1\nX: 1", 400)]
    [InlineData("GET /", 400)]
    [InlineData("GET", 400)]
    [InlineData("GET / http/1.1", 400)]
    [InlineData("GET / HTTPS/1.1", 400)]
    [InlineData("GET / HTTP/3.0", 505)]
    [InlineData("GET / HTTP/2.0", 505)]
    [InlineData("GET / HTTP/1.2", 505)]
    [InlineData("GET / HTTP/1.10", 505)]
    [InlineData("GET / HTTP/0.9", 505)]
    [InlineData("PRI * HTTP/2.0", 505)]
    [InlineData("G(T / HTTP/1.1", 400)]
    [InlineData("G\u00c9T / HTTP/1.1", 400)]
    [InlineData("CONNECT a.test:80 HTTP/1.1", 501)]
    [InlineData("connect a.test:80 HTTP/1.1", 501)]
    [InlineData("GET * HTTP/1.1", 400)]
    [InlineData("OPTIONS ** HTTP/1.1", 400)]
    [InlineData("GET a.test/x HTTP/1.1", 400)]
    [InlineData("GET # HTTP/1.1", 400)]
    [InlineData("GET ?x HTTP/1.1", 400)]
    [InlineData("GET http:// HTTP/1.1", 400)]
    [InlineData("GET http:///x HTTP/1.1", 400)]
    [InlineData("GET http://#x HTTP/1.1", 400)]
    [InlineData("GET http:/#/x HTTP/1.1", 400)]
    [InlineData("GET ftp://a.test/x HTTP/1.1", 400)]
    [InlineData("GET http://b.test/ HTTP/1.1", 400)]
    [InlineData("GET http://a.test:80/ HTTP/1.1", 400)]
    [InlineData("GET http://u@a.test/ HTTP/1.1", 400)]
    public void Another_request_line_is_refused(string line, int status) => Assert.Equal(status, Refused(line + "\r\nHost: a.test\r\n\r\n").Status);

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("A_b-1.Test", "A_b-1.Test")]
    [InlineData("a.test:8080", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("a.test.:443", "a.test")]
    [InlineData("a.test:", "a.test")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void An_app_is_looked_up_by_the_name_in_Host_which_goes_on_unchanged(string host, string name)
    {
        var text = $"GET / HTTP/1.1\r\nhost:{host} \r\n\r\n";
        Assert.Equal((host, name), (Text(Request(text).Host, text), Text(Request(text).HostName, text)));
        Assert.Equal(text[..^2], ToDyno(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":80")]
    [InlineData(".:80")]
    [InlineData("a:b")]
    [InlineData("a:80:80")]
    [InlineData("a:-1")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("user@host")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a\"b")]
    [InlineData("a%41")]
    [InlineData("caf\u00c3\u00a9")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[::1]x")]
    [InlineData("[::1]x:80")]
    [InlineData("[g::1]")]
    [InlineData("a[::1]")]
    public void Another_Host_is_refused(string host) => Assert.Same(Refusals.Host, Refused($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));

    [Fact]
    public void A_Host_that_is_longer_than_any_name_is_refused()
    {
        Assert.Equal(262, Request($"GET / HTTP/1.1\r\nHost: {new string('a', 262)}\r\n\r\n").HostName.Length);
        Assert.Same(Refusals.Host, Refused($"GET / HTTP/1.1\r\nHost: {new string('a', 263)}\r\n\r\n"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("GET http://a.test/ HTTP/1.0\r\n\r\n")]
    public void Without_Host_a_request_is_refused(string text) => Assert.Same(Refusals.NoHost, Refused(text));

    [Theory]
    [InlineData("a.test")]
    [InlineData("b.test")]
    [InlineData("")]
    public void A_second_Host_is_refused_even_if_it_is_equal(string second) =>
        Assert.Same(Refusals.SecondHost, Refused($"GET / HTTP/1.1\r\nHost: a.test\r\nX: 1\r\nHOST: {second}\r\n\r\n"));

    [Fact]
    public void Up_to_five_empty_lines_go_before_a_request()
    {
        const string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        Assert.Equal(text.Length + 10, Request("\r\n\r\n\r\n\r\n\r\n" + text).Length);
        Assert.Equal("GET / HTTP/1.1\r\nHost: a\r\n", ToDyno("\r\n\r\n" + text));
        Assert.Same(Refusals.EmptyLines, Refused("\r\n\r\n\r\n\r\n\r\n\r\n" + text));
        Assert.Same(Refusals.RequestLine, Refused("\n" + text));
        Assert.Same(Refusals.RequestLine, Refused("\r" + text));
    }
}
