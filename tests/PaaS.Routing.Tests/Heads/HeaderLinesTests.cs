using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

public class HeaderLinesTests
{
    [Fact]
    public void Lines_are_added_as_they_are()
    {
        using var output = new ByteBuffer();
        var lines = new HeaderLines(output);
        lines.Add("X-A"u8, "1"u8);
        lines.Add("x-forwarded-host"u8, ""u8);
        lines.Add("Set-Cookie"u8, Bytes("caf\u00e9\t;"));
        lines.Add(Bytes(new string('a', 1000)), Bytes(new string('b', 8000)));
        Assert.Equal($"X-A: 1\r\nx-forwarded-host: \r\nSet-Cookie: caf\u00e9\t;\r\n{new string('a', 1000)}: {new string('b', 8000)}\r\n", Text(output.Written));
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("content-length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Trailer")]
    [InlineData("TE")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("Upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData("Expect")]
    [InlineData("Via")]
    [InlineData("Date")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-FORWARDED-PROTO")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Request-Id")]
    [InlineData("X-Request-Start")]
    [InlineData("Connect-Time")]
    [InlineData("Total-Route-Time")]
    [InlineData("traceparent")]
    [InlineData("X_Forwarded_For")]
    [InlineData("Content_Length")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("a\r\nb")]
    [InlineData("caf\u00e9")]
    public void Another_name_is_refused_and_nothing_is_written(string name)
    {
        using var output = new ByteBuffer();
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => new HeaderLines(output).Add(Bytes(name), "1"u8)).ParamName);
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb: c")]
    public void Another_value_is_refused_and_nothing_is_written(string value)
    {
        using var output = new ByteBuffer();
        Assert.Equal("value", Assert.Throws<ArgumentException>(() => new HeaderLines(output).Add("X"u8, Bytes(value))).ParamName);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void What_is_too_long_is_refused()
    {
        using var output = new ByteBuffer();
        Assert.Throws<ArgumentException>(() => new HeaderLines(output).Add(Bytes(new string('a', 1001)), "1"u8));
        Assert.Throws<ArgumentException>(() => new HeaderLines(output).Add("X"u8, Bytes(new string('b', 8001))));
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData("x-a", "1")]
    [InlineData("X-B", "two  words")]
    [InlineData("X-Empty", "")]
    [InlineData("Via", "1.1 last")]
    [InlineData("X", null)]
    [InlineData("X-A:", null)]
    [InlineData("GET /", null)]
    [InlineData("", null)]
    public void A_line_of_a_written_head_is_found_by_its_name(string name, string? value)
    {
        var found = HeaderLines.TryGet("GET /: HTTP/1.1\r\nX-A:1 \r\nx-b: \ttwo  words\t\r\nX-Empty:\r\nx-a: 2\r\nVia: 1.1 last\r\n"u8, Bytes(name), out var bytes);
        Assert.Equal(value, found ? Text(bytes) : null);
    }

    [Fact]
    public void In_an_empty_head_nothing_is_found()
    {
        Assert.False(HeaderLines.TryGet(default, "X"u8, out _));
        Assert.False(HeaderLines.TryGet("GET / HTTP/1.1\r\n"u8, "X"u8, out _));
    }
}
