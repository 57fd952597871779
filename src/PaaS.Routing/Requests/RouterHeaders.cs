using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace PaaS.Routing;

/// <summary>
/// Which headers pass, in both directions (Heroku: HTTP Routing; RFC 9110 section 7.6). Values are bytes and pass unread.
/// Limits of HttpContext and HttpClient: a name that the client nominates in a <c>Connection</c> line that also says close or
/// keep-alive never reaches us, and lines of the same name go to the dyno joined into one.
/// </summary>
internal static class RouterHeaders
{
    private const string XForwardedFor = "X-Forwarded-For";
    private const string Via = "1.1 paas-router";

    /// <summary>Removed from a request: what holds for one connection only, and what the router itself sets.</summary>
    private static readonly FrozenSet<string> NotToDyno = new[]
    {
        "Connection", "Keep-Alive", "TE", "Proxy-Connection", "Proxy-Authorization", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Expect",
        "Host", "Content-Length", XForwardedFor, "X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Id", "X-Request-Start", "Connect-Time",
        "Total-Route-Time", "Via",
        "X-Content-Length", // what the server renames a length to that came together with chunked
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Removed from a response.</summary>
    private static readonly FrozenSet<string> NotToClient = new[]
    {
        "Connection", "Keep-Alive", "TE", "Proxy-Connection", "Proxy-Authorization", "Transfer-Encoding", "Upgrade", "Content-Length", "Via",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Naming one of these in Connection removes nothing: else a client could strip what the app relies on.</summary>
    private static readonly FrozenSet<string> NotNominable =
        new[] { "Host", "Content-Length", "Transfer-Encoding", "Cookie", "Authorization" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The X-Forwarded-For that the dyno gets: the lines of the client joined in order, then its address.</summary>
    public static string ForwardedFor(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        var peer = address is null ? string.Empty : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        var client = Joined(context.Request.Headers[XForwardedFor]);
        return client.Length == 0 ? peer : $"{client}, {peer}";
    }

    /// <summary>Fills the head of the request to the dyno.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="message">Where to; its content, if any, is set already.</param>
    /// <param name="startedAt">When the router had the whole head.</param>
    /// <param name="publicPort">The port to tell the app, or null for the connection's own.</param>
    public static void ToDyno(ContextExchange exchange, HttpRequestMessage message, DateTimeOffset startedAt, int? publicPort)
    {
        var request = exchange.Context.Request;
        var nominated = request.Headers.Connection;
        foreach (var (name, values) in request.Headers)
        {
            if (NotToDyno.Contains(name) || IsLookAlike(name) || IsNominated(name, nominated))
            {
                continue;
            }

            if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                // A header that describes a body, on a request without one: an empty body carries it.
                message.Content ??= new ClientBody(exchange, 0);
                message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        var headers = message.Headers;
        headers.TryAddWithoutValidation("Host", request.Headers.Host.ToString());
        headers.TryAddWithoutValidation(XForwardedFor, exchange.ForwardedFor);
        headers.TryAddWithoutValidation("X-Forwarded-Proto", request.IsHttps ? "https" : "http");
        headers.TryAddWithoutValidation("X-Forwarded-Port", (publicPort ?? exchange.Context.Connection.LocalPort).ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("X-Request-Id", exchange.RequestId);
        headers.TryAddWithoutValidation("X-Request-Start", startedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        var via = HttpProtocol.IsHttp2(request.Protocol) ? "2.0 paas-router" : Via;
        headers.TryAddWithoutValidation("Via", Appended(Joined(request.Headers.Via), via));
        if (exchange.UpgradeTo is { } upgrade)
        {
            headers.TryAddWithoutValidation("Connection", "Upgrade");
            headers.TryAddWithoutValidation("Upgrade", upgrade);
        }
    }

    /// <summary>Fills the head of the response to the client, except status and length.</summary>
    /// <exception cref="InvalidOperationException">The dyno sent a byte in a header that the server can't relay.</exception>
    public static void ToClient(HttpResponseMessage message, HttpResponse response)
    {
        var nominated = Values(message.Headers, "Connection");
        Copy(message.Headers, response, nominated);
        Copy(message.Content.Headers, response, nominated);
        if (message.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            response.Headers.Upgrade = Values(message.Headers, "Upgrade");
        }

        response.Headers.Via = Appended(Joined(Values(message.Headers, "Via")), Via);
    }

    /// <summary>The raw values of a header, one per line.</summary>
    public static StringValues Values(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? ToValues(values) : StringValues.Empty;

    private static void Copy(HttpHeaders from, HttpResponse response, StringValues nominated)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (!NotToClient.Contains(name) && !IsNominated(name, nominated))
            {
                response.Headers[name] = ToValues(values);
            }
        }
    }

    private static StringValues ToValues(HeaderStringValues values) => values.Count == 1 ? values.ToString() : values.ToArray();

    /// <summary>Web servers in the CGI tradition read X_Forwarded_Proto as X-Forwarded-Proto: such a name would undo the removal of the client's.</summary>
    private static bool IsLookAlike(string name) => name.Contains('_', StringComparison.Ordinal) && NotToDyno.Contains(name.Replace('_', '-'));

    private static bool IsNominated(string name, StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var token in line.AsSpan().Split(','))
            {
                if (line.AsSpan(token).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return !NotNominable.Contains(name);
                }
            }
        }

        return false;
    }

    private static string Joined(StringValues lines) =>
        lines.Count <= 1 ? lines.ToString().Trim() : string.Join(", ", lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line!.Trim()));

    private static string Appended(string list, string item) => list.Length == 0 ? item : $"{list}, {item}";
}
