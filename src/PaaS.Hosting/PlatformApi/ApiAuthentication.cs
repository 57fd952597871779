using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

/// <summary>
/// Who sends a request: the one place where a token is looked at. The API takes <c>Bearer</c>, git <c>Basic</c> with any
/// user name and the token as password. A token in a query string is refused even when it is right: it would end in logs.
/// </summary>
internal sealed class ApiAuthentication
{
    private readonly byte[] _tokenDigest;

    public ApiAuthentication(string token) => _tokenDigest = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Authenticates a request to the API; writes the refusal itself.</summary>
    public async Task<Actor?> AuthenticateAsync(HttpContext context)
    {
        if (await RefusedQueryAsync(context))
        {
            return null;
        }

        if (IsOperator(context.Request, "Bearer"))
        {
            return BuiltInAccount.Operator;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"PaaS\"";
        await ApiError.Unauthorized("Invalid credentials provided. Send the operator's token as 'Authorization: Bearer <token>'.").WriteAsync(context);
        return null;
    }

    /// <summary>Authenticates a request of git's; writes the refusal itself.</summary>
    public async Task<Actor?> AuthenticateGitAsync(HttpContext context)
    {
        if (await RefusedQueryAsync(context))
        {
            return null;
        }

        if (IsOperator(context.Request, "Basic"))
        {
            return BuiltInAccount.Operator;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"PaaS\"";
        await context.Response.WriteAsync("Invalid credentials. Use any user name, and the operator's token as the password.\n", context.RequestAborted);
        return null;
    }

    private static async Task<bool> RefusedQueryAsync(HttpContext context)
    {
        if (!context.Request.Query.Keys.Any(key => key.Contains("token", StringComparison.OrdinalIgnoreCase) || key.Equals("api_key", StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        await ApiError.BadRequest("A token in a query string is refused, since addresses end up in logs. Send it in the Authorization header, and make a new one if this one was real.").WriteAsync(context);
        return true;
    }

    private bool IsOperator(HttpRequest request, string scheme)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !header.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            || header.Parameter is not { Length: > 0 and <= 4096 } credential)
        {
            return false;
        }

        if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            var decoded = new byte[credential.Length];
            if (!Convert.TryFromBase64String(credential, decoded, out var length))
            {
                return false;
            }

            var pair = Encoding.UTF8.GetString(decoded, 0, length);
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                return false;
            }

            credential = pair[(colon + 1)..];
        }

        // Digests have one length, so the comparison's time says nothing about the token.
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(credential)), _tokenDigest);
    }
}
