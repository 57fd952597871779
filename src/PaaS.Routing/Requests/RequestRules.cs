using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PaaS.Routing;

/// <summary>
/// What the HTTP server lets through and the router does not: such a request is refused before any lookup, and its
/// connection is closed, so that nothing behind it is read in a sense that the dyno might not share (request smuggling).
/// </summary>
internal static class RequestRules
{
    private const int MaxMethod = 127;
    private const int MaxHeaderName = 1000;
    private const int MaxHeaderLine = 8192;

    /// <summary>The status of the refusal, or 0 if the request is in order.</summary>
    public static int Refusal(HttpRequest request)
    {
        if (request.Method.Length > MaxMethod || HttpMethods.IsConnect(request.Method))
        {
            return StatusCodes.Status400BadRequest;
        }

        var headers = request.Headers;
        if (headers.Host.Count != 1 || HostKey.Parse(headers.Host[0]) is null)
        {
            return StatusCodes.Status400BadRequest;
        }

        // Exactly one "chunked". The server takes "gzip, chunked" and chunked in HTTP/1.0, where node and router may disagree on the body.
        var encoding = headers.TransferEncoding;
        if (encoding.Count > 0
            && (encoding.Count > 1 || !"chunked".Equals(encoding[0], StringComparison.OrdinalIgnoreCase) || HttpProtocol.IsHttp10(request.Protocol)))
        {
            return StatusCodes.Status400BadRequest;
        }

        // "OPTIONS *" is allowed, but the HTTP client below cannot say it to a dyno; anything else in its place would mean something else.
        return RawTarget.Of(request.HttpContext) == "*" ? StatusCodes.Status501NotImplemented : HeaderRefusal(headers);
    }

    /// <summary>Whether the request expects something that no router knows (417). An empty value is ignored.</summary>
    public static bool ExpectsUnknown(HttpRequest request)
    {
        foreach (var value in request.Headers[HeaderNames.Expect])
        {
            if (!string.IsNullOrEmpty(value) && !value.Equals("100-continue", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static int HeaderRefusal(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            if (name.Length > MaxHeaderName || !IsToken(name))
            {
                return name.Length > MaxHeaderName ? StatusCodes.Status431RequestHeaderFieldsTooLarge : StatusCodes.Status400BadRequest;
            }

            foreach (var value in values)
            {
                if (name.Length + 2 + (value?.Length ?? 0) > MaxHeaderLine)
                {
                    return StatusCodes.Status431RequestHeaderFieldsTooLarge;
                }
            }
        }

        return 0;
    }

    /// <summary>The server takes names such as <c>X(A)</c>. HTTP/2's own (<c>:path</c>) never reach this collection.</summary>
    private static bool IsToken(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return name.Length > 0;
    }
}
