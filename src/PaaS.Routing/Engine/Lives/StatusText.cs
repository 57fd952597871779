using System.Globalization;

namespace PaaS.Routing;

/// <summary>The reason phrases of the statuses that the router answers with itself.</summary>
internal static class StatusText
{
    public static string Of(int status) => status switch
    {
        400 => "Bad Request",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        414 => "URI Too Long",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };
}
