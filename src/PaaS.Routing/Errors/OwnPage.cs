using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing;

/// <summary>
/// A page of the router's own: HTML, or JSON for a client that accepts <c>application/json</c> and not HTML. Both are made once; a
/// request only puts its id in.
/// </summary>
internal sealed class OwnPage
{
    private const string Application = "An error occurred in the application and your page could not be served. If you own it, look at its logs.";
    private static readonly ConcurrentDictionary<RouterError, OwnPage> OfErrors = new();
    private static readonly ConcurrentDictionary<RequestRefusal, OwnPage> OfRefusals = new();
    private static readonly OwnPage OfNoApp = new(404, "no_such_app", "No such app", "No such app", "There is no app at this address. Check the name, and that its domain was added to the app.");
    private readonly int _status;
    private readonly byte[] _html;
    private readonly byte[] _json;

    /// <param name="status">The status.</param>
    /// <param name="id">What programs go by.</param>
    /// <param name="message">The same in words.</param>
    /// <param name="title">The title for people.</param>
    /// <param name="text">What it means for them.</param>
    private OwnPage(int status, string id, string message, string title, string text)
    {
        _status = status;
        _html = Encoding.UTF8.GetBytes($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{title}}</title>
            <style>body{font:16px/1.5 system-ui,sans-serif;color:#333;display:grid;place-items:center;min-height:90vh;margin:0}main{max-width:32em;padding:2em;text-align:center}h1{font-weight:500}small{color:#777}</style>
            </head>
            <body><main><h1>{{title}}</h1><p>{{WebUtility.HtmlEncode(text)}}</p><small>{{id}} &middot; request 
            """);
        _json = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","message":"{{JsonEncodedText.Encode(message)}}","request_id":" """.TrimEnd(' '));
    }

    /// <summary>The page of a request that failed.</summary>
    public static ErrorAnswer Of(RouterError error, ReadOnlySpan<byte> requestId, bool json) =>
        OfErrors.GetOrAdd(error, static error => new OwnPage(error.Status, error.Code, error.Cause ?? error.Desc, Title(error), Words(error))).For(requestId, json);

    /// <summary>The page for a host name that leads to no app.</summary>
    public static ErrorAnswer NoSuchApp(ReadOnlySpan<byte> requestId, bool json) => OfNoApp.For(requestId, json);

    /// <summary>The page of a request that was refused before any lookup.</summary>
    public static ErrorAnswer Of(RequestRefusal refusal, ReadOnlySpan<byte> requestId, bool json) =>
        OfRefusals.GetOrAdd(refusal, static refusal => new OwnPage(refusal.Status, "bad_request", refusal.Reason, Title(refusal.Status), refusal.Reason)).For(requestId, json);

    private static string Title(RouterError error) => error.Code switch
    {
        "H22" => "Too many connections",
        "H26" or "H31" => Title(error.Status),
        "H80" => "Offline for maintenance",
        "H81" => "Nothing here yet",
        _ => "Application error",
    };

    private static string Title(int status) => status switch
    {
        408 => "Request timeout",
        414 => "Address too long",
        417 => "Expectation failed",
        421 => "Misdirected request",
        431 => "Headers too large",
        501 => "Not implemented",
        505 => "HTTP version not supported",
        _ => "Bad request",
    };

    private static string Words(RouterError error) => error.Code switch
    {
        "H22" => "The router has as many connections as it may hold. Try again in a moment.",
        "H26" => $"The request could not be understood: {error.Cause}.",
        "H31" => "This connection is not for the host name that was asked for. Reload the page to make a new one.",
        "H80" => "This application is undergoing maintenance right now. Please check back later.",
        "H81" => "This app has no release that can run. If you own it, push its code.",
        _ => Application,
    };

    /// <param name="requestId">Ours, or checked to be of an alphabet without markup.</param>
    /// <param name="json">Which of the two.</param>
    private ErrorAnswer For(ReadOnlySpan<byte> requestId, bool json)
    {
        var start = json ? _json : _html;
        var end = json ? "\"}"u8 : "</small></main></body>\n</html>\n"u8;
        var body = new byte[start.Length + requestId.Length + end.Length];
        start.CopyTo(body, 0);
        requestId.CopyTo(body.AsSpan(start.Length));
        end.CopyTo(body.AsSpan(start.Length + requestId.Length));
        return new ErrorAnswer(_status, json ? "application/json" : "text/html; charset=utf-8", body);
    }
}
