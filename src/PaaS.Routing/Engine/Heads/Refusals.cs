namespace PaaS.Routing;

/// <summary>Why requests are refused before any lookup. All are made once: a refusal costs nothing.</summary>
internal static class Refusals
{
    public static readonly RequestRefusal RequestLineTooLong = new(414, "The request line is too long.");

    public static readonly RequestRefusal RequestLine = new(400, "The request line is not method, target and version, with one space between them and CRLF behind them.");

    public static readonly RequestRefusal EmptyLines = new(400, "There are too many empty lines before the request line.");

    public static readonly RequestRefusal Method = new(400, "The method is not a token, or is too long.");

    public static readonly RequestRefusal Connect = new(501, "CONNECT is not served here.");

    public static readonly RequestRefusal Version = new(505, "The version is not HTTP/1.0 or HTTP/1.1.");

    public static readonly RequestRefusal Target = new(400, "The target is not a path, an http or https URL, or the * of OPTIONS; or it holds a control character.");

    public static readonly RequestRefusal Authority = new(400, "The host in the target is not the one in the Host line.");

    public static readonly RequestRefusal NoHost = new(400, "There is no Host line.");

    public static readonly RequestRefusal SecondHost = new(400, "There is more than one Host line.");

    public static readonly RequestRefusal Host = new(400, "The Host line is not a host name with an optional port.");

    public static readonly RequestRefusal Line = new(400, "A header line is not a name, a colon and a value, or is folded, or does not end in CRLF, or holds a NUL.");

    public static readonly RequestRefusal LineTooLong = new(431, "A header line is too long.");

    public static readonly RequestRefusal NameTooLong = new(431, "The name of a header is too long.");

    public static readonly RequestRefusal TooManyLines = new(431, "There are too many header lines.");

    public static readonly RequestRefusal HeadTooLong = new(431, "The headers are too long in all.");

    public static readonly RequestRefusal Nominations = new(400, "Connection names too many headers.");

    public static readonly RequestRefusal ContentLength = new(400, "Content-Length is not one number.");

    public static readonly RequestRefusal TransferEncoding = new(400, "Transfer-Encoding is not one \"chunked\" in an HTTP/1.1 request.");

    public static readonly RequestRefusal BothFramings = new(400, "There is both a Content-Length and a Transfer-Encoding.");
}
