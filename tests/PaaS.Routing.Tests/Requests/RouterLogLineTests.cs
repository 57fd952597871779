using System.Text;

namespace PaaS.Routing.Tests;

public class RouterLogLineTests
{
    private static readonly RouterLogLine Ordinary = new()
    {
        Method = "GET",
        Path = "/a?b=c",
        Host = "www.example.com",
        RequestId = "0123456789-0123456789",
        ForwardedFor = "1.2.3.4, 5.6.7.8",
        Dyno = "web.1",
        Connect = TimeSpan.Zero,
        Service = TimeSpan.FromMilliseconds(12.9),
        Status = 200,
        Bytes = 5,
        Protocol = "http1.1",
    };

    [Fact]
    public void An_ordinary_line_is_Herokus_to_the_byte() => Assert.Equal(
        "at=info method=GET path=\"/a?b=c\" host=www.example.com request_id=0123456789-0123456789 fwd=\"1.2.3.4, 5.6.7.8\" dyno=web.1 connect=0ms service=12ms status=200 bytes=5 protocol=http1.1 tls=false",
        Text(Ordinary));

    [Fact]
    public void Tls_names_its_version() => Assert.EndsWith(" protocol=http2.0 tls=true tls_version=tls1.3", Text(Ordinary with { Protocol = "http2.0", TlsVersion = "tls1.3" }), StringComparison.Ordinal);

    [Fact]
    public void What_is_unknown_is_empty_and_its_key_stays() => Assert.Equal(
        "at=error code=H14 desc=\"No web processes running\" method=GET path=\"/a?b=c\" host=www.example.com request_id=0123456789-0123456789 fwd=\"1.2.3.4, 5.6.7.8\" dyno= connect= service= status=503 bytes=0 protocol=http1.1 tls=false",
        Text(Ordinary with { Error = RouterError.NoWebProcesses, Dyno = null, Connect = null, Service = null, Status = 503, Bytes = 0 }));

    [Fact]
    public void The_broken_end_comes_first_and_the_cause_after_the_description()
    {
        Assert.StartsWith("sock=client at=warning code=H27 desc=\"Client Request Interrupted\" method=", Text(Ordinary with { Error = RouterError.ClientInterrupted }), StringComparison.Ordinal);
        Assert.StartsWith("at=error code=H26 desc=\"Request Error\" cause=\"bad chunk\" method=", Text(Ordinary with { Error = RouterError.BadChunk }), StringComparison.Ordinal);
    }

    [Fact]
    public void Quotes_backslashes_and_odd_bytes_are_escaped() => Assert.Contains(
        " path=\"/\\\"x\\\\y\\x0a\\x7f\\xe9\\xe2\\x82\\xac\" ", Text(Ordinary with { Path = "/\"x\\y\n\u007f\u00e9\u20ac" }), StringComparison.Ordinal);

    [Fact]
    public void An_unquoted_value_is_quoted_when_it_holds_anything_unusual()
    {
        Assert.Contains(" host=\"a b\\\"c status=200\" ", Text(Ordinary with { Host = "a b\"c status=200" }), StringComparison.Ordinal);
        Assert.Contains(" method=\"M*X\" ", Text(Ordinary with { Method = "M*X" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('a')]
    [InlineData('"')]
    [InlineData('\u00ff')]
    [InlineData('\u20ac')]
    public void However_long_its_parts_the_line_is_one_log_line(char c)
    {
        var much = new string(c, 20_000);

        var line = Text(Ordinary with { Method = much, Path = much, Host = much, RequestId = much, ForwardedFor = much, Dyno = much, Error = RouterError.UnknownExpect, TlsVersion = "tls1.3", Bytes = long.MaxValue, Connect = TimeSpan.MaxValue, Service = TimeSpan.MaxValue });

        Assert.InRange(line.Length, 8_000, LogStream.MaxLineBytes);
        Assert.EndsWith(" tls_version=tls1.3", line, StringComparison.Ordinal);
    }

    private static string Text(RouterLogLine line) => Encoding.ASCII.GetString(line.ToBytes());
}
