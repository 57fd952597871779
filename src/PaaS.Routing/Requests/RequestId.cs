using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace PaaS.Routing;

/// <summary>The id that names a request in the app's log and in <c>X-Request-Id</c> (Heroku: HTTP Request IDs).</summary>
internal static class RequestId
{
    private const int MinLength = 20;
    private const int MaxLength = 200;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-");

    /// <summary>The client's id if there is exactly one and it is 20 to 200 characters of <c>A-Za-z0-9+/=-</c>; otherwise a new UUID.</summary>
    public static string From(StringValues client) =>
        client.Count == 1 && client[0] is { Length: >= MinLength and <= MaxLength } id && !id.AsSpan().ContainsAnyExcept(Allowed)
            ? id
            : Guid.NewGuid().ToString("D");
}
