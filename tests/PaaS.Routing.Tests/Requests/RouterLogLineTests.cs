using System.Text;

namespace PaaS.Routing.Tests;

public class RouterLogLineTests
{
    private static readonly Line Ordinary = new();

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
        " path=\"/\\\"x\\\\y\\x0a\\x00\\x7f\\xe9\" ", Text(Ordinary with { Path = "/\"x\\y\n\0\u007f\u00e9" }), StringComparison.Ordinal);

    [Fact]
    public void An_unquoted_value_is_quoted_when_it_holds_anything_unusual()
    {
        Assert.Contains(" host=\"a b\\\"c status=200\" ", Text(Ordinary with { Host = "a b\"c status=200" }), StringComparison.Ordinal);
        Assert.Contains(" method=\"M*X\" ", Text(Ordinary with { Method = "M*X" }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_that_nobody_got_is_empty_and_the_agent_comes_last()
    {
        var line = Text(Ordinary with { Status = 0, Error = RouterError.Misdirected, Agent = "curl/8 \"x\"" });

        Assert.Contains(" status= bytes=5 ", line, StringComparison.Ordinal);
        Assert.EndsWith(" tls=false agent=\"curl/8 \\\"x\\\"\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_of_8192_bytes_stands_whole_and_a_longer_one_is_cut()
    {
        var whole = "/" + new string('a', 8191);

        Assert.Contains($" path=\"{whole}\" host=", Text(Ordinary with { Path = whole }), StringComparison.Ordinal);
        Assert.Contains($" path=\"{whole}\" host=", Text(Ordinary with { Path = whole + "b" }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_escape_is_never_cut_in_two()
    {
        var path = "/" + new string('a', 8188) + "\u00ff\u00ff";

        Assert.Contains($" path=\"/{new string('a', 8188)}\" host=", Text(Ordinary with { Path = path }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('a')]
    [InlineData('"')]
    [InlineData('\u00ff')]
    public void However_long_its_parts_the_line_is_one_log_line(char c)
    {
        var much = new string(c, 20_000);

        var line = Text(Ordinary with { Method = much, Path = much, Host = much, RequestId = much, ForwardedFor = much, Dyno = much, Error = RouterError.UnknownExpect, TlsVersion = "tls1.3", Bytes = long.MaxValue, Connect = long.MaxValue, Service = long.MaxValue, Agent = much });

        Assert.InRange(line.Length, 8_000, LogStream.MaxLineBytes);
        Assert.Contains(" tls_version=tls1.3 agent=\"", line, StringComparison.Ordinal);
        Assert.EndsWith("\"", line, StringComparison.Ordinal);
    }

    private static string Text(Line line)
    {
        var buffer = new byte[LogStream.MaxLineBytes];
        var written = new RouterLogLine
        {
            Method = Encoding.Latin1.GetBytes(line.Method),
            Path = Encoding.Latin1.GetBytes(line.Path),
            Host = Encoding.Latin1.GetBytes(line.Host),
            RequestId = Encoding.Latin1.GetBytes(line.RequestId),
            ForwardedFor = Encoding.Latin1.GetBytes(line.ForwardedFor),
            Dyno = line.Dyno,
            Connect = line.Connect,
            Service = line.Service,
            Status = line.Status,
            Bytes = line.Bytes,
            Protocol = line.Protocol,
            TlsVersion = line.TlsVersion,
            Error = line.Error,
            Agent = Encoding.Latin1.GetBytes(line.Agent),
        }.WriteTo(buffer);
        return Encoding.Latin1.GetString(buffer, 0, written);
    }

    /// <summary>The parts, one character per byte.</summary>
    private sealed record Line
    {
        public string Method { get; init; } = "GET";

        public string Path { get; init; } = "/a?b=c";

        public string Host { get; init; } = "www.example.com";

        public string RequestId { get; init; } = "0123456789-0123456789";

        public string ForwardedFor { get; init; } = "1.2.3.4, 5.6.7.8";

        public string? Dyno { get; init; } = "web.1";

        public long? Connect { get; init; } = 0;

        public long? Service { get; init; } = 12;

        public int Status { get; init; } = 200;

        public long Bytes { get; init; } = 5;

        public string Protocol { get; init; } = "http1.1";

        public string? TlsVersion { get; init; }

        public RouterError? Error { get; init; }

        public string Agent { get; init; } = string.Empty;
    }
}
