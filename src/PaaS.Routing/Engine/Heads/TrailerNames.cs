namespace PaaS.Routing;

/// <summary>
/// Which fields may stand behind a body. Not those that frame, route, authenticate or change how a message is taken (RFC 9110, 6.5.1): a receiver
/// that merges them into the head would read them after everybody in between has decided.
/// </summary>
internal static class TrailerNames
{
    private const int LongestName = 32;

    private static readonly HashSet<string> Never = new(StringComparer.Ordinal)
    {
        "accept", "age", "allow", "authorization", "cache-control", "clear-site-data", "connect-time", "connection", "content-disposition", "content-encoding",
        "content-length", "content-location", "content-range", "content-security-policy", "content-type", "cookie", "date", "expect", "expires", "forwarded",
        "host", "http2-settings", "keep-alive", "location", "max-forwards", "origin", "pragma", "range", "referer", "retry-after", "set-cookie",
        "strict-transport-security", "te", "total-route-time", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "vary", "via", "warning",
        "www-authenticate", "x-content-length", "x-http-method-override", "x-real-ip", "x-request-id", "x-request-start",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NeverLookup = Never.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool MayPass(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestName)
        {
            // None of the names is so long; those that begin like these may be.
            name = name[..LongestName];
        }

        Span<char> lower = stackalloc char[LongestName];
        for (var i = 0; i < name.Length; i++)
        {
            lower[i] = name[i] == '_' ? '-' : (char)(name[i] is >= (byte)'A' and <= (byte)'Z' ? name[i] | 0x20 : name[i]);
        }

        ReadOnlySpan<char> folded = lower[..name.Length];
        return !NeverLookup.Contains(folded) && !folded.StartsWith("x-forwarded-") && !folded.StartsWith("proxy-") && !folded.StartsWith("if-") && !folded.StartsWith("access-control-");
    }
}
