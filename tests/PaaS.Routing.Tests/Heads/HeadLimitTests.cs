using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

/// <summary>Limits (Heroku: HTTP Routing) are exact, whether the bytes come at once or in pieces.</summary>
public class HeadLimitTests
{
    private const string Line = "GET / HTTP/1.1\r\nHost: a.test\r\n";

    [Fact]
    public void A_request_line_has_at_most_8192_bytes()
    {
        Fits("GET /" + A(8192 - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        Breaks("GET /" + A(8193 - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, after: 8193);
        Breaks("GET /" + A(20_000), 414, after: 8193);
        Breaks("\r\n\r\n" + A(20_000), 414, after: 8197);
    }

    [Fact]
    public void A_method_has_at_most_127_bytes()
    {
        Fits(A(127) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        Breaks(A(128) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    }

    [Fact]
    public void A_header_line_has_at_most_8192_bytes()
    {
        Fits(Line + "h: " + A(8189) + "\r\n\r\n");
        Breaks(Line + "h: " + A(8190) + "\r\n\r\n", 431, after: Line.Length + 8193);
        Breaks(Line + "h: " + A(8190) + "\0", 431, after: Line.Length + 8193);
    }

    [Fact]
    public void A_header_name_has_at_most_1000_bytes()
    {
        Fits(Line + A(1000) + ": ok\r\n\r\n");
        Breaks(Line + A(1001) + ": ok\r\n\r\n", 431);
    }

    [Fact]
    public void A_head_has_at_most_1000_header_lines()
    {
        Fits(Line + string.Concat(Enumerable.Repeat("n: 1\r\n", 999)) + "\r\n");
        Breaks(Line + string.Concat(Enumerable.Repeat("n: 1\r\n", 1000)) + "\r\n", 431, after: Line.Length + 6000);
    }

    [Fact]
    public void A_head_has_at_most_128_KiB()
    {
        var lines = Line + string.Concat(Enumerable.Repeat("n: " + A(1019) + "\r\n", 127));
        var rest = 128 * 1024 - lines.Length - 7;
        Fits(lines + "n: " + A(rest) + "\r\n\r\n");
        Breaks(lines + "n: " + A(rest + 1) + "\r\n\r\n", 431, after: 128 * 1024);
        Breaks(lines + "n: " + A(rest + 4) + "\0\r\n\r\n", 431, after: 128 * 1024);
        Breaks(lines + "n: " + A(rest + 3) + "\0\r\n\r\n", 400, after: 128 * 1024);
    }

    [Fact]
    public void A_body_behind_a_head_does_not_count()
    {
        var head = Request(Line + "Content-Length: 300000\r\n\r\n" + A(300_000));
        Assert.Equal(Line.Length + 26, head.Length);
    }

    [Fact]
    public void More_than_64_headers_nominated_by_Connection_are_refused()
    {
        var names = string.Concat(Enumerable.Range(0, 64).Select(i => $"Connection: x-{i}, close\r\n"));
        Fits(Line + names + "\r\n");
        Breaks(Line + names + "Connection: x\r\n\r\n", 400);
    }

    [Fact]
    public void A_status_line_has_at_most_8192_bytes()
    {
        Response("HTTP/1.1 200 " + A(8179) + "\r\n\r\n");
        Assert.Same(RouterError.OversizedStatusLine, ResponseError("HTTP/1.1 200 " + A(8180) + "\r\n\r\n"));
        Assert.Same(RouterError.OversizedStatusLine, ResponseError(A(8193)));
    }

    [Fact]
    public void A_response_line_has_at_most_512_KiB_and_a_cookie_8192_bytes()
    {
        const string start = "HTTP/1.1 200 OK\r\n";
        Response(start + "b: " + A(512 * 1024 - 3) + "\r\n\r\n");
        Assert.Same(RouterError.OversizedHeader, ResponseError(start + "b: " + A(512 * 1024 - 2) + "\r\n\r\n"));
        Assert.Same(RouterError.OversizedHeader, ResponseError(start + "b: " + A(512 * 1024 - 2)));
        Response(start + "Set-Cookie: " + A(8180) + "\r\n\r\n");
        Assert.Same(RouterError.OversizedCookie, ResponseError(start + "Set-Cookie: " + A(8181) + "\r\n\r\n"));
        Assert.Same(RouterError.OversizedCookie, ResponseError(start + "SET-cookie: " + A(600 * 1024)));
    }

    [Fact]
    public void A_response_head_has_at_most_1200_KiB_and_10000_lines()
    {
        const string start = "HTTP/1.1 200 OK\r\n";
        Response(start + string.Concat(Enumerable.Repeat("n: 1\r\n", 10_000)) + "\r\n");
        Assert.Same(RouterError.OversizedHeader, ResponseError(start + string.Concat(Enumerable.Repeat("n: 1\r\n", 10_001))));
        var line = "n: " + A(400 * 1024 - 5) + "\r\n";
        Response(start + line + line + line[..3] + line[(5 + start.Length)..] + "\r\n");
        Assert.Same(RouterError.OversizedHeader, ResponseError(start + line + line + line[..3] + line[(4 + start.Length)..] + "\r\n"));
    }

    private static string A(int count) => new('a', count);

    private static void Fits(string text)
    {
        Assert.Equal(text.Length, Request(text).Length);
        Assert.Equal((ReadResult.Done, text.Length), InPieces(text));
    }

    private static void Breaks(string text, int status, int? after = null)
    {
        Assert.Equal(status, Refused(text).Status);
        var (result, read) = InPieces(text);
        Assert.Equal(ReadResult.Refused, result);
        if (after is { } bytes)
        {
            Assert.Equal(bytes, read);
        }
    }

    /// <summary>Reads byte by byte, and tells what came of it after how many.</summary>
    private static (ReadResult, int) InPieces(string text)
    {
        var head = new RequestHead();
        var bytes = Bytes(text);
        for (var length = 0; length <= bytes.Length; length++)
        {
            if (head.Read(bytes.AsSpan(0, length), HeadLimits.Default) is var result and not ReadResult.NeedMore)
            {
                return (result, length);
            }
        }

        return (ReadResult.NeedMore, bytes.Length);
    }
}
