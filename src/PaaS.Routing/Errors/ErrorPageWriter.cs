using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace PaaS.Routing;

/// <summary>
/// The pages of the router's own errors; what an app answers itself, a 404 or 500 included, is relayed. HTML, or JSON for a
/// client that accepts <c>application/json</c> and not HTML. Never cached, always with a length, no body for HEAD.
/// </summary>
internal static class ErrorPageWriter
{
    /// <summary>The page of a request that failed.</summary>
    /// <returns>How many bytes of body were sent.</returns>
    public static Task<int> WriteAsync(HttpContext context, RouterError error, string requestId) => error.Code switch
    {
        "H81" => WriteAsync(context, error.Status, error.Code, error.Desc, "Nothing here yet", "This app has no release that can run. If you own it, push its code.", requestId),
        "H26" => WriteAsync(context, error.Status, error.Code, error.Desc, "Bad request", "The request could not be understood.", requestId),
        _ => WriteAsync(context, error.Status, error.Code, error.Desc, "Application error", "An error occurred in the application and your page could not be served. If you own it, look at its logs.", requestId),
    };

    /// <summary>The page for a host name that leads to no app.</summary>
    public static Task<int> WriteNoSuchAppAsync(HttpContext context, string requestId) =>
        WriteAsync(context, StatusCodes.Status404NotFound, "no_such_app", "No such app", "No such app", "There is no app at this address. Check the name, and that its domain was added to the app.", requestId);

    /// <summary>The page of a malformed request; its connection is closed and nothing behind it is read.</summary>
    public static Task<int> WriteRefusalAsync(HttpContext context, int status, string requestId)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        return WriteAsync(context, status, "bad_request", "Bad request", "Bad request", "The request could not be understood.", requestId);
    }

    private static async Task<int> WriteAsync(HttpContext context, int status, string id, string desc, string title, string text, string requestId)
    {
        var json = WantsJson(context.Request);
        var body = json ? Json(id, desc, requestId) : Html(title, text, id, requestId);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = json ? "application/json" : "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            await response.StartAsync();
            return 0;
        }

        await response.Body.WriteAsync(body);
        return body.Length;
    }

    private static bool WantsJson(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] Json(string id, string message, string requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id", id);
            writer.WriteString("message", message);
            writer.WriteString("request_id", requestId);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>All parts are ours or, the request id, of an alphabet without markup.</summary>
    private static byte[] Html(string title, string text, string id, string requestId) => Encoding.UTF8.GetBytes($$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{title}}</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;color:#333;display:grid;place-items:center;min-height:90vh;margin:0}main{max-width:32em;padding:2em;text-align:center}h1{font-weight:500}small{color:#777}</style>
        </head>
        <body><main><h1>{{title}}</h1><p>{{text}}</p><small>{{id}} &middot; request {{requestId}}</small></main></body>
        </html>

        """);
}
